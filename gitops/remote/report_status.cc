#include "gitops/remote/report_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/foreign_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kReasonMax = 500;

std::unexpected<Error> Nonsense(std::string_view what) {
  return Fail(ErrorKind::kTransient,
              fmt::format("the server's report on the push makes no sense: {}; the ref may "
                          "have moved or not",
                          what));
}

}  // namespace

Result<Wants> ReportReader::Take(std::string_view bytes) {
  if (banded_ == Banded::kNo) return TakeReport(bytes);
  while (true) {
    auto line = bands_.Next(bytes);
    if (!line) return Nonsense(line.error().message);
    if (!*line) return Wants::kMore;
    // The flush that ends the bands comes after the one that ends the report.
    if ((*line)->flush) return complete_ ? Result<Wants>(Wants::kNothing) : Nonsense("it ends too early");
    auto report = side_band_.Take((*line)->data);
    if (!report) {
      const std::string said = side_band_.said();
      return Fail(report.error().kind,
                  fmt::format("{}{}{}", report.error().message, said.empty() ? "" : "; ", said));
    }
    if (report->empty()) continue;
    if (auto wants = TakeReport(*report); !wants) return wants;
  }
}

Result<Wants> ReportReader::TakeReport(std::string_view bytes) {
  while (!complete_) {
    auto line = lines_.Next(bytes);
    if (!line) return Nonsense(line.error().message);
    if (!*line) return Wants::kMore;
    complete_ = (*line)->flush;
    if (complete_) break;
    if (auto taken = TakeLine((*line)->Text()); !taken) return std::unexpected(taken.error());
  }
  if (!bytes.empty()) return Nonsense("there is more behind its end");
  return Wants::kNothing;
}

Result<void> ReportReader::TakeLine(std::string_view line) {
  if (unpacked_.empty()) {
    if (line.starts_with("ERR "))
      return Fail(ErrorKind::kTransient,
                  fmt::format("the server gave up: {}", OneLine(line.substr(4), kReasonMax)));
    if (!line.starts_with("unpack ") || line.size() == 7) return Nonsense("it does not begin with 'unpack'");
    unpacked_ = line.substr(7);
    return {};
  }
  const bool moved = line.starts_with("ok ");
  if (!moved && !line.starts_with("ng ")) return Nonsense("a line is neither ok nor ng");
  const std::string_view rest = line.substr(3);
  const size_t end = std::min(rest.find(' '), rest.size());
  if (rest.substr(0, end) != ref_) return Nonsense("it is about another ref");
  if (has_status_) return Nonsense("it speaks twice of one ref");
  has_status_ = true;
  if (moved) return {};
  refused_ = end < rest.size() ? rest.substr(end + 1) : "no reason given";
  return {};
}

Result<void> ReportReader::Verdict() const {
  const std::string words = side_band_.said();
  const std::string said = words.empty() ? "" : fmt::format(" (the server says: {})", words);
  if (!complete_) {
    return Fail(ErrorKind::kTransient,
                fmt::format("the server's report on the push did not arrive; {} may have moved or not{}",
                            ref_, said));
  }
  if (!has_status_) return Nonsense(fmt::format("it does not speak of {}{}", ref_, said));
  if (unpacked_ != "ok" && refused_.empty()) return Nonsense("the pack was refused and the ref moved");
  if (refused_.empty()) return {};
  const std::string reason = OneLine(refused_, kReasonMax);
  if (unpacked_ != "ok") {
    return Fail(ErrorKind::kTransient, fmt::format("the server could not take the pack: {}, {}{}",
                                                   OneLine(unpacked_, kReasonMax), reason, said));
  }
  return Fail(MeaningOfRefusal(refused_),
              fmt::format("the server did not move {}: {}{}", ref_, reason, said));
}

ErrorKind MeaningOfRefusal(std::string_view reason) {
  // Of git's receive-pack, JGit, GitHub, Gerrit: somebody was first, or is at it now.
  constexpr std::array<std::string_view, 14> kElsewhere{
      "failed to update ref", "stale info",           "non-fast-forward",
      "non-fast forward",     "fetch first",          "lock ref",
      "failed to lock",       "failed to delete",     "already exists",
      "incorrect old value",  "but expected",         "atomic transaction failed",
      "lock error",           "old id does not match"};
  constexpr std::array<std::string_view, 4> kTrouble{"unpacker error", "transaction failed to start",
                                                     "missing necessary objects", "internal error"};
  std::string lower(reason);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto is_in = [&](std::string_view words) { return lower.contains(words); };
  // A hook's own words may be any of these.
  if (is_in("hook") || is_in("protected")) return ErrorKind::kDenied;
  if (std::ranges::any_of(kElsewhere, is_in)) return ErrorKind::kConflict;
  if (std::ranges::any_of(kTrouble, is_in)) return ErrorKind::kTransient;
  return ErrorKind::kDenied;
}

}  // namespace lockkeeper
