#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

struct PackReceiverOptions {
  std::string objects_path;  ///< whose `pack` folder takes it
  uint64_t bytes_max = 0;
  std::chrono::steady_clock::time_point deadline;
};

/// Checks and indexes a pack as it comes, and puts it where readers find it. What is unfinished when this
/// ends is removed; what a crash leaves, in `pack/tmp_incoming`, goes when the next pack comes. One at a time
/// for a folder.
class PackReceiver {
 public:
  explicit PackReceiver(PackReceiverOptions options);
  PackReceiver(const PackReceiver&) = delete;
  PackReceiver& operator=(const PackReceiver&) = delete;
  ~PackReceiver();

  /// kInvalid: more than `bytes_max`. kTransient: damaged, or the disk is full.
  Result<void> Take(std::string_view bytes);
  /// All has come, and `wanted` must be a commit in it. kTransient: something is missing or damaged, or the
  /// deadline has passed. kInvalid: it is no commit.
  Result<void> Install(const ObjectId& wanted);

 private:
  struct Indexer;
  Result<void> Begin();
  std::unexpected<Error> Unusable(int code) const;
  Result<void> CheckHolds(const std::string& index, const ObjectId& wanted);

  PackReceiverOptions options_;
  std::unique_ptr<Indexer> indexer_;
  uint64_t bytes_ = 0;
};

}  // namespace lockkeeper
