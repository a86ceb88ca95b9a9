#include "schemas/manifest/field_reader.h"

#include <fmt/format.h>

#include <charconv>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

bool IsSmallAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Why `text` is no dot-joined row of labels, each of small letters, digits and inner '-'.
std::optional<std::string> ProblemOfLabels(std::string_view text, size_t bytes_max, bool dots) {
  if (text.size() > bytes_max) return fmt::format("is longer than {} characters", bytes_max);
  bool at_border = true;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool next_is_border = i + 1 == text.size() || (dots && text[i + 1] == '.');
    if (dots && c == '.') {
      if (at_border) return "has a '.' without a letter or digit beside it";
      at_border = true;
      continue;
    }
    if (c != '-' && !IsSmallAlphanumeric(c)) {
      return fmt::format("holds {}; allowed are small letters, digits and '-'{}", Quoted(text.substr(i, 1)),
                         dots ? " and '.'" : "");
    }
    if (c == '-' && (at_border || next_is_border)) return "has a '-' without a letter or digit on both sides";
    at_border = false;
  }
  if (text.empty() || at_border) return "must end in a letter or digit";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ProblemOfName(std::string_view name) {
  return ProblemOfLabels(name, kNameBytesMax, true);
}

std::optional<std::string> ProblemOfNamespace(std::string_view name) {
  return ProblemOfLabels(name, kLabelBytesMax, false);
}

bool FieldReader::Text(const Place& place, std::string& target) {
  if (!place.exists() || findings_.IsFaulty(place)) return false;
  if (!place.has_text()) {
    findings_.Error(place, "wrong-type", "must be text");
    return false;
  }
  const std::string& text = place.node().value;
  if (text.size() > kTextBytesMax) {
    findings_.Error(place, "too-long", fmt::format("is longer than {} bytes", kTextBytesMax));
    return false;
  }
  target = text;
  return true;
}

bool FieldReader::OneLine(const Place& place, std::string& target) {
  std::string text;
  if (!Text(place, text)) return false;
  if (text.find_first_of("\r\n") != std::string::npos) {
    findings_.Error(place, "bad-text", "must be a single line");
    return false;
  }
  target = std::move(text);
  return true;
}

void FieldReader::Line(const Place& place, std::string& target) { OneLine(place, target); }

void FieldReader::Line(const Place& place, Field<std::string>& target) {
  if (OneLine(place, target.value)) target.mark = place.mark();
}

void FieldReader::Prose(const Place& place, std::string& target) { Text(place, target); }

void FieldReader::Lines(const Place& place, std::vector<std::string>& target) {
  if (!place.is_sequence()) {
    if (place.exists()) findings_.Fallback(place, "wrong-type", "must be a list");
    return;
  }
  std::vector<std::string> lines;
  for (const Place& item : place.Items()) {
    std::string line;
    if (OneLine(item, line)) lines.push_back(std::move(line));
  }
  target = std::move(lines);
}

void FieldReader::TextMap(const Place& place, std::map<std::string, std::string>& target) {
  if (!place.is_mapping()) {
    if (place.exists()) findings_.Fallback(place, "wrong-type", "must be a mapping");
    return;
  }
  std::map<std::string, std::string> entries;
  for (const auto& [key, value] : place.Members()) {
    if (key.empty()) findings_.ErrorAtKey(value, "bad-key", "a key must not be empty");
    Text(value, entries[key]);
  }
  target = std::move(entries);
}

void FieldReader::Flag(const Place& place, bool& target) {
  if (!place.exists() || findings_.IsFaulty(place)) return;
  if (CoreTypeOf(place.node()) != CoreType::kFlag) {
    findings_.Error(place, "wrong-type", "must be true or false");
    return;
  }
  target = place.node().value.front() == 't' || place.node().value.front() == 'T';
}

void FieldReader::Number(const Place& place, int& target) {
  std::optional<int> number;
  Number(place, number);
  if (number) target = *number;
}

void FieldReader::Number(const Place& place, std::optional<int>& target) {
  if (!place.exists() || findings_.IsFaulty(place)) return;
  std::string_view text = place.has_text() ? std::string_view{place.node().value} : std::string_view{};
  if (text.starts_with('+')) text.remove_prefix(1);
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    findings_.Error(place, "wrong-type", fmt::format("{} is no whole decimal number", Quoted(text)));
    return;
  }
  target = value;
}

void FieldReader::Duration(const Place& place, std::optional<Seconds>& target) {
  std::string text;
  if (!OneLine(place, text)) return;
  auto duration = ParseDuration(text);
  if (!duration) return findings_.Error(place, "bad-duration", duration.error().message);
  target = *duration;
}

void FieldReader::Moment(const Place& place, std::optional<Instant>& target) {
  std::string text;
  if (!OneLine(place, text)) return;
  auto instant = ParseInstant(text);
  if (!instant) return findings_.Error(place, "bad-time", instant.error().message);
  target = *instant;
}

void FieldReader::Day(const Place& place, std::optional<Instant>& target) {
  std::string text;
  if (!OneLine(place, text)) return;
  if (auto date = ParseDate(text)) {
    target = Instant{date->time_since_epoch()};
    return;
  }
  Moment(place, target);
}

void FieldReader::Metadata(const Place& metadata, ObjectName& target) {
  Place name = metadata["name"];
  Line(name, target.name);
  if (name.has_text() && !findings_.IsFaulty(name)) {
    if (auto problem = ProblemOfName(target.name))
      findings_.Error(name, "bad-name", Quoted(target.name) + " " + *problem);
  }
  Place ns = metadata["namespace"];
  Line(ns, target.ns);
  if (ns.has_text() && !findings_.IsFaulty(ns)) {
    if (auto problem = ProblemOfNamespace(target.ns))
      findings_.Error(ns, "bad-name", Quoted(target.ns) + " " + *problem);
  }
  std::map<std::string, std::string> judged;
  TextMap(metadata["labels"], judged);
  TextMap(metadata["annotations"], judged);
}

void FieldReader::Reference(const Place& place, const ObjectName& from,
                            std::optional<Field<ObjectName>>& target) {
  if (!place.is_mapping()) return;
  Field<ObjectName> reference{{from.ns, ""}, place["name"].mark()};
  Metadata(place, reference.value);
  target = std::move(reference);
}

void FieldReader::DistinctNames(const Place& list, std::string_view field) {
  std::map<std::string, Mark> seen;
  for (const Place& item : list.Items()) {
    Place name = item[field];
    if (!name.has_text() || name.node().value.empty()) continue;
    auto [first, is_new] = seen.try_emplace(name.node().value, name.mark());
    if (!is_new) {
      findings_.Fallback(
          name, "duplicate-name",
          fmt::format("{} is also the name of the one in line {}", Quoted(first->first), first->second.line));
    }
  }
}

}  // namespace lockkeeper
