#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "schemas/diagnostic.h"
#include "schemas/manifest/place.h"

namespace lockkeeper {

/// Past that many findings a file's rest is counted, not listed: a wrong kind of file would fill the memory.
inline constexpr size_t kFindingsMax = 1'000;

/// The findings of one file, document by document.
class Collector {
 public:
  Collector(std::string file, Diagnostics& findings) : file_(std::move(file)), findings_(findings) {}

  /// Forgets what is known about the document before.
  void BeginDocument();
  size_t errors() const { return errors_; }
  /// The document's error that comes first in the text; empty without one.
  const std::string& first_error() const { return first_error_; }

  /// About a value. `message` follows its path and a colon.
  void Error(const Place& place, std::string_view code, std::string_view message);
  /// About a field as such: the finding stands at its key.
  void ErrorAtKey(const Place& place, std::string_view code, std::string_view message);
  /// Only if nobody has reported an error about this value yet.
  void Fallback(const Place& place, std::string_view code, std::string_view message);
  /// About something that is not there: stands at `where`, names `path`.
  void ErrorAt(Mark where, std::string_view path, std::string_view code, std::string_view message);
  void Warning(const Place& place, std::string_view code, std::string_view message);
  void WarningAtKey(const Place& place, std::string_view code, std::string_view message);

  /// Nothing that is concluded from this value is worth a finding of its own.
  void MarkFaulty(const Place& place) {
    if (place.exists()) faulty_.insert(&place.node());
  }
  bool IsFaulty(const Place& place) const { return place.exists() && faulty_.contains(&place.node()); }

 private:
  void Add(Severity severity, Mark mark, std::string_view path, std::string_view code,
           std::string_view message);

  std::string file_;
  Diagnostics& findings_;
  std::set<const YamlNode*> faulty_;
  size_t errors_ = 0;
  Mark first_mark_;
  std::string first_error_;
};

}  // namespace lockkeeper
