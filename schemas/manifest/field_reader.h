#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/instant.h"
#include "schemas/kinds/object.h"
#include "schemas/manifest/collector.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

inline constexpr size_t kTextBytesMax = 16'384;
inline constexpr size_t kNameBytesMax = 253;  ///< RFC 1123 subdomain
inline constexpr size_t kLabelBytesMax = 63;  ///< RFC 1123 label

/// Takes typed values out of a document. Every reader leaves its target alone where the field is absent or
/// wrong. The schema has judged the types before; what it reported is not reported again.
class FieldReader {
 public:
  explicit FieldReader(Collector& findings) : findings_(findings) {}
  Collector& findings() { return findings_; }
  /// What a file's regular expressions may still come to, in steps of their programs: some 0.3 s to compile
  /// them all.
  int64_t pattern_steps_left = 500'000;

  /// Text without line ends: it goes into messages, paths and commits.
  void Line(const Place& place, std::string& target);
  void Line(const Place& place, Field<std::string>& target);
  /// Text that may have several lines.
  void Prose(const Place& place, std::string& target);
  void Lines(const Place& place, std::vector<std::string>& target);
  void TextMap(const Place& place, std::map<std::string, std::string>& target);
  void Flag(const Place& place, bool& target);
  void Number(const Place& place, int& target);
  void Number(const Place& place, std::optional<int>& target);
  void Duration(const Place& place, std::optional<Seconds>& target);
  void Moment(const Place& place, std::optional<Instant>& target);
  /// A date (its first moment in UTC) or an instant.
  void Day(const Place& place, std::optional<Instant>& target);

  template <class E>
  void Choice(const Place& place, std::span<const std::pair<std::string_view, E>> choices, E& target) {
    std::string text;
    if (!Text(place, text)) return;
    for (const auto& [name, value] : choices) {
      if (name == text) {
        target = value;
        return;
      }
    }
    std::vector<std::string> names;
    for (const auto& choice : choices) names.emplace_back(choice.first);
    findings_.Fallback(place, "bad-value", NoneOf(text, names));
  }

  /// `metadata`: name and namespace by RFC 1123, labels and annotations only judged.
  void Metadata(const Place& metadata, ObjectName& target);
  /// `{name, namespace}`, the namespace by default that of the object which refers.
  void Reference(const Place& place, const ObjectName& from, std::optional<Field<ObjectName>>& target);
  /// Two items of a list must not have the same name. An empty name is none.
  void DistinctNames(const Place& list, std::string_view field);

  /// Reads a line and judges it by `parse`, which returns a Result of anything.
  template <class Parse>
  void Parsed(const Place& place, std::string_view code, Field<std::string>& target, Parse parse) {
    Field<std::string> line;
    Line(place, line);
    if (line.value.empty()) return;
    if (auto result = parse(line.value); !result) {
      findings_.Fallback(place, code, result.error().message);
      return;
    }
    target = std::move(line);
  }

 private:
  bool Text(const Place& place, std::string& target);
  bool OneLine(const Place& place, std::string& target);

  Collector& findings_;
};

/// Whether the text is an RFC 1123 subdomain (labels joined by dots) of at most 253 bytes; else why not.
std::optional<std::string> ProblemOfName(std::string_view name);
/// The same of a single label of at most 63 bytes.
std::optional<std::string> ProblemOfNamespace(std::string_view name);

}  // namespace lockkeeper
