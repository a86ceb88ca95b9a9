#include "schemas/manifest/collector.h"

#include <fmt/format.h>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kMessageBytesMax = 600;

}  // namespace

void Collector::BeginDocument() {
  faulty_.clear();
  errors_ = 0;
  first_mark_ = {};
  first_error_.clear();
}

void Collector::Add(Severity severity, Mark mark, std::string_view path, std::string_view code,
                    std::string_view message) {
  std::string text = path.empty() ? std::string{message} : fmt::format("{}: {}", path, message);
  text = Shortened(text, kMessageBytesMax);
  if (severity == Severity::kError) {
    if (errors_ == 0 || mark < first_mark_) {
      first_mark_ = mark;
      first_error_ = text;
    }
    ++errors_;
  }
  if (findings_.size() < kFindingsMax) {
    findings_.push_back({file_, mark, severity, std::string{code}, std::move(text)});
  } else if (findings_.size() == kFindingsMax) {
    findings_.push_back(
        {file_, mark, Severity::kError, "too-many-findings",
         fmt::format("more than {} findings in this file; the others are not listed", kFindingsMax)});
  }
}

void Collector::Error(const Place& place, std::string_view code, std::string_view message) {
  MarkFaulty(place);
  Add(Severity::kError, place.mark(), place.path(), code, message);
}

void Collector::ErrorAtKey(const Place& place, std::string_view code, std::string_view message) {
  MarkFaulty(place);
  Add(Severity::kError, place.key_mark(), place.path(), code, message);
}

void Collector::Fallback(const Place& place, std::string_view code, std::string_view message) {
  if (!IsFaulty(place)) Error(place, code, message);
}

void Collector::ErrorAt(Mark where, std::string_view path, std::string_view code, std::string_view message) {
  Add(Severity::kError, where, path, code, message);
}

void Collector::Warning(const Place& place, std::string_view code, std::string_view message) {
  Add(Severity::kWarning, place.mark(), place.path(), code, message);
}

void Collector::WarningAtKey(const Place& place, std::string_view code, std::string_view message) {
  Add(Severity::kWarning, place.key_mark(), place.path(), code, message);
}

}  // namespace lockkeeper
