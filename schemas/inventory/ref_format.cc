#include "schemas/inventory/ref_format.h"

#include <fmt/format.h>

#include "schemas/version.h"

namespace lockkeeper {
namespace {

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<RefFormat> RefFormat::Parse(std::string_view text) {
  RefFormat format;
  if (text.empty()) {
    format.optional_v_ = true;
    return format;
  }
  if (text.size() > 4096) return Invalid("a version format has at most 4096 bytes");
  std::string_view rest = text;
  format.any_before_ = TakePrefix(rest, "{*}");
  if (rest.ends_with("{*}")) {
    format.any_after_ = true;
    rest.remove_suffix(3);
  }
  std::string plain(rest);
  if (size_t v = rest.find("{v}{"); v != std::string_view::npos) {
    format.optional_v_ = true;
    plain.erase(v, 3);
  }
  auto parsed = ParseVersionFormat(plain);
  if (!parsed) return std::unexpected(parsed.error());
  format.before_ = parsed->before;
  format.after_ = parsed->after;
  if (!parsed->component.empty()) format.placeholder_ = fmt::format("{{component.{}}}", parsed->component);
  if (format.any_before_ && format.before_.empty()) {
    return Invalid(
        fmt::format("'{}': after {{*}} some literal text must say where the version begins", text));
  }
  return format;
}

std::optional<RefFormat::Match> RefFormat::Find(std::string_view value) const {
  size_t begin = before_.size();
  if (any_before_) {
    size_t found = value.rfind(before_);
    if (found == std::string_view::npos) return std::nullopt;
    begin += found;
  } else if (!value.starts_with(before_)) {
    return std::nullopt;
  }
  if (optional_v_ && value.substr(begin).starts_with('v')) ++begin;
  size_t end = value.size();
  if (any_after_) {
    constexpr std::string_view kVersionBytes =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-_${}*^~";
    size_t stop = after_.empty() ? value.find_first_not_of(kVersionBytes, begin) : value.find(after_, begin);
    if (stop == std::string_view::npos && !after_.empty()) return std::nullopt;
    end = std::min(stop, value.size());
  } else {
    if (value.size() < begin + after_.size() || !value.ends_with(after_)) return std::nullopt;
    end -= after_.size();
  }
  return Match{std::string(value.substr(0, begin)), std::string(value.substr(begin, end - begin)),
               std::string(value.substr(end))};
}

std::string RefFormat::Concrete(const Match& match) const {
  return match.before + placeholder_ + match.after;
}

}  // namespace lockkeeper
