#include "gitops/remote/advertisement.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/foreign_text.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kIdDigits = 2 * ObjectId::kBytes;
constexpr size_t kWordsMax = 500;
constexpr std::string_view kNoRefs = "capabilities^{}";
constexpr std::string_view kSymref = "symref=HEAD:";
constexpr std::string_view kFormat = "object-format=";

std::unexpected<Error> Nonsense(std::string_view what) {
  return Fail(ErrorKind::kTransient, fmt::format("the answer is not Git's: {}", what));
}

std::unexpected<Error> WrongFormat(std::string_view format) {
  return Invalid(
      fmt::format("the repository's objects have {} names; lockkeeper works with SHA-1 repositories",
                  format == "sha256" ? "SHA-256" : Quoted(format)));
}

}  // namespace

Result<Wants> AdvertisementReader::Take(std::string_view bytes) {
  if (!begun_ && options_.announced == Announced::kYes) state_ = State::kService;
  begun_ = true;
  bytes_ += bytes.size();
  if (bytes_ > options_.bytes_max) {
    return Invalid(
        fmt::format("the server's list of refs is larger than {} bytes, which is the limit; remove "
                    "refs there, or raise the limit",
                    options_.bytes_max));
  }
  while (state_ != State::kEnd) {
    auto line = lines_.Next(bytes);
    if (!line) return std::unexpected(line.error());
    if (!*line) return Wants::kMore;
    if (auto taken = TakeLine(**line); !taken) return std::unexpected(taken.error());
  }
  if (!bytes.empty()) return Nonsense("there is more behind the list of refs");
  return Wants::kNothing;
}

Result<void> AdvertisementReader::TakeLine(const PktLine& line) {
  if (line.data.starts_with("ERR ")) {
    return Fail(ErrorKind::kDenied,
                fmt::format("the server says: {}", OneLine(line.data.substr(4), kWordsMax)));
  }
  if (state_ == State::kService || state_ == State::kServiceEnd) return TakeService(line);
  if (line.flush) {
    state_ = State::kEnd;
    return {};
  }
  const std::string_view text = line.Text();
  if (state_ == State::kFirst && text == "version 1") return {};
  if (text.starts_with("version ")) return Nonsense("it is of a version that was not asked for");
  if (text.starts_with("shallow ")) {
    return Invalid(
        "the repository is shallow, that is without its older history; lockkeeper needs all of it: run 'git "
        "fetch --unshallow' there");
  }
  return TakeRef(line.data);
}

Result<void> AdvertisementReader::TakeService(const PktLine& line) {
  if (state_ == State::kServiceEnd) {
    if (!line.flush) return Nonsense("the service's name is not followed by a flush");
    state_ = State::kFirst;
    return {};
  }
  const std::string wanted = fmt::format("# service={}", ServiceName(options_.service));
  if (line.flush || line.Text() != wanted)
    return Nonsense(fmt::format("it does not begin with '{}'", wanted));
  state_ = State::kServiceEnd;
  return {};
}

Result<void> AdvertisementReader::TakeRef(std::string_view line) {
  if (state_ == State::kFirst) {
    const size_t end = line.find('\0');
    if (end == std::string_view::npos) return Nonsense("its first line does not say what the server can do");
    std::string_view words = line.substr(end + 1);
    if (words.ends_with('\n')) words.remove_suffix(1);
    if (auto taken = TakeAbilities(words); !taken) return taken;
    line = line.substr(0, end);
    state_ = State::kRefs;
  } else if (line.ends_with('\n')) {
    line.remove_suffix(1);
  }
  const size_t digits = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(std::min(digits + 1, line.size()));
  const auto id = ParseObjectId(line.substr(0, digits));
  if (digits == 2 * 32 && !id) return WrongFormat("sha256");
  if (digits != kIdDigits || !id || name.empty()) return Nonsense("a line is no ref");
  if (name == kNoRefs || name == ".have") return {};
  ++refs_;
  if (name == options_.ref) id_ = *id;
  return {};
}

Result<void> AdvertisementReader::TakeAbilities(std::string_view words) {
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word.starts_with(kFormat) && word.substr(kFormat.size()) != "sha1")
      return WrongFormat(word.substr(kFormat.size()));
    if (word.starts_with(kSymref)) abilities_.head = word.substr(kSymref.size());
    abilities_.side_band_64k |= word == "side-band-64k";
    abilities_.report_status |= word == "report-status";
    abilities_.delete_refs |= word == "delete-refs";
    abilities_.atomic |= word == "atomic";
    abilities_.ofs_delta |= word == "ofs-delta";
    abilities_.thin_pack |= word == "thin-pack";
    abilities_.no_progress |= word == "no-progress";
    abilities_.quiet |= word == "quiet";
    abilities_.agent |= word.starts_with("agent=");
  }
  if (options_.ref.empty()) options_.ref = abilities_.head;
  return {};
}

}  // namespace lockkeeper
