#pragma once

#include <functional>
#include <string_view>

#include "gitops/remote/git_service.h"
#include "gitops/remote/pkt_line.h"
#include "gitops/remote/side_band.h"

namespace lockkeeper {

/// Reads git-upload-pack's answer to a request that ended in "done" and named no multi_ack
/// (gitprotocol-pack): one line about what both sides have, then the pack.
class PackAnswerReader : public AnswerReader {
 public:
  enum class Banded { kNo, kYes };
  using TakePack = std::function<Result<void>(std::string_view bytes)>;
  PackAnswerReader(Banded banded, TakePack take_pack) : banded_(banded), take_pack_(std::move(take_pack)) {}

  /// Besides the pack's own errors kTransient: it is no such answer, or the server gave up.
  Result<Wants> Take(std::string_view bytes) override;
  /// The server has said all that belongs to its answer. Without bands only the pack itself tells.
  bool complete() const { return state_ == State::kEnd || state_ == State::kPack; }

 private:
  enum class State { kCommon, kBands, kPack, kEnd };
  Result<void> TakeCommon(const PktLine& line);

  Banded banded_;
  TakePack take_pack_;
  State state_ = State::kCommon;
  PktLineReader lines_;
  SideBand side_band_;
};

}  // namespace lockkeeper
