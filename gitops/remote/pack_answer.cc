#include "gitops/remote/pack_answer.h"

#include <fmt/format.h>

#include "net/foreign_text.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kWordsMax = 500;

}  // namespace

Result<Wants> PackAnswerReader::Take(std::string_view bytes) {
  while (state_ != State::kEnd) {
    if (state_ == State::kPack) {
      if (auto taken = take_pack_(bytes); !taken) return std::unexpected(taken.error());
      return Wants::kMore;
    }
    auto line = lines_.Next(bytes);
    if (!line) return std::unexpected(line.error());
    if (!*line) return Wants::kMore;
    // A server may say ACK again for what follows from the first one. No band has the number of a letter.
    if (state_ == State::kCommon || (*line)->data.starts_with("ACK ")) {
      if (auto taken = TakeCommon(**line); !taken) return std::unexpected(taken.error());
      continue;
    }
    if ((*line)->flush) {
      state_ = State::kEnd;
      break;
    }
    auto part = side_band_.Take((*line)->data);
    if (!part) return std::unexpected(part.error());
    if (auto taken = take_pack_(*part); !taken) return std::unexpected(taken.error());
  }
  return Wants::kNothing;
}

Result<void> PackAnswerReader::TakeCommon(const PktLine& line) {
  const std::string_view text = line.Text();
  if (text.starts_with("ERR ")) {
    return Fail(ErrorKind::kTransient,
                fmt::format("the server refuses to send the commit: {}", OneLine(text.substr(4), kWordsMax)));
  }
  if (line.flush || (text != "NAK" && !text.starts_with("ACK ")))
    return Fail(ErrorKind::kTransient, fmt::format("the answer is not Git's: {} where ACK or NAK must stand",
                                                   line.flush ? "a flush" : Quoted(text)));
  state_ = banded_ == Banded::kYes ? State::kBands : State::kPack;
  return {};
}

}  // namespace lockkeeper
