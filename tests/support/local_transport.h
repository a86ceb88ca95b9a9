#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gitops/remote/remote_transport.h"

namespace lockkeeper {

/// What may go wrong, shared by a test with the transport that it has given away. Calls of Fetch and Push are
/// counted together, from 1.
struct TransportFaults {
  enum class Mode {
    kBefore,      ///< nothing happens, and it fails
    kLostAnswer,  ///< it happens, and the answer gets lost
  };
  struct Fault {
    Mode mode = Mode::kBefore;
    ErrorKind kind = ErrorKind::kTransient;
  };
  std::map<int, Fault> at;                      ///< call -> what happens to it
  std::map<int, std::function<void()>> before;  ///< call -> what somebody else does just before
  std::map<int, std::function<void()>> after;   ///< likewise behind it, before the answer
  bool is_down = false;                         ///< every call fails with kTransient
  int calls = 0;
  int transfers = 0;  ///< fetches that brought a pack
};

/// A RemoteTransport to a repository on this machine, with real packs and refs.
class LocalTransport : public RemoteTransport {
 public:
  explicit LocalTransport(std::string repository, std::shared_ptr<TransportFaults> faults = nullptr);

  Result<FetchOutcome> Fetch(const FetchRequest& request) override;
  Result<void> Push(const PushRequest& request) override;
  std::optional<std::chrono::seconds> retry_after() const override { return std::nullopt; }

 private:
  template <class T>
  Result<T> Counted(const char* name, const std::function<Result<T>()>& call);
  Result<FetchOutcome> ReallyFetch(const FetchRequest& request);
  Result<void> ReallyPush(const PushRequest& request);

  std::string repository_;
  std::shared_ptr<TransportFaults> faults_;
};

}  // namespace lockkeeper
