#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gitops/remote/git_service.h"
#include "gitops/remote/pkt_line.h"
#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

/// What a service can do, as far as it matters to us.
struct ServiceAbilities {
  bool side_band_64k = false;
  bool report_status = false;
  bool delete_refs = false;
  bool atomic = false;
  bool ofs_delta = false;
  bool thin_pack = false;
  bool no_progress = false;
  bool quiet = false;
  bool agent = false;
  std::string head;  ///< the full name of the ref that HEAD names; empty: not said
};

/// Whether a line with the service's name comes first, as over http.
enum class Announced { kNo, kYes };

/// Reads what git-upload-pack or git-receive-pack says first (gitprotocol-pack, version 0 and 1): which refs
/// there are. Keeps one of them.
class AdvertisementReader : public AnswerReader {
 public:
  struct Options {
    GitService service = GitService::kUploadPack;
    std::string ref;  ///< full name of the one that is looked for; empty: the one that HEAD names
    uint64_t bytes_max = 0;
    Announced announced = Announced::kNo;
  };
  explicit AdvertisementReader(Options options) : options_(std::move(options)) {}

  /// kTransient: it is none. kInvalid: more than `bytes_max`, or a SHA-256 or shallow repository. kDenied:
  /// the service says no.
  Result<Wants> Take(std::string_view bytes) override;

  bool complete() const { return state_ == State::kEnd; }
  const ServiceAbilities& abilities() const { return abilities_; }
  /// The ref that was looked for; empty: HEAD's, and HEAD names none.
  const std::string& ref() const { return options_.ref; }
  /// Where it is; none: there is no such ref.
  const ObjectId& id() const { return id_; }
  /// There is no ref at all.
  bool empty() const { return refs_ == 0; }

 private:
  enum class State { kService, kServiceEnd, kFirst, kRefs, kEnd };
  Result<void> TakeLine(const PktLine& line);
  Result<void> TakeService(const PktLine& line);
  Result<void> TakeRef(std::string_view line);
  Result<void> TakeAbilities(std::string_view words);

  Options options_;
  PktLineReader lines_;
  State state_ = State::kFirst;
  bool begun_ = false;
  uint64_t bytes_ = 0;
  uint64_t refs_ = 0;
  ServiceAbilities abilities_;
  ObjectId id_;
};

}  // namespace lockkeeper
