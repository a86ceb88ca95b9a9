#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/yaml/node.h"

namespace lockkeeper {

/// A value in a document and the path that leads to it, as messages name it:
/// `spec.maintenanceWindows[0].startTime`. A field that nobody wrote is a Place too; whoever reads it leaves
/// the target as it is. Points into the document.
class Place {
 public:
  static Place Root(const YamlNode& document) { return Place({}, nullptr, &document); }

  bool exists() const { return node_ != nullptr; }
  /// Only of a place that exists.
  const YamlNode& node() const { return *node_; }
  const std::string& path() const { return path_; }
  Mark mark() const { return node_ ? node_->mark : Mark{}; }
  /// Of the key in front of the value; of the value where there is none.
  Mark key_mark() const { return key_ ? key_->mark : mark(); }

  bool is_mapping() const { return node_ && node_->is_mapping(); }
  bool is_sequence() const { return node_ && node_->is_sequence(); }
  /// A scalar other than null.
  bool has_text() const { return node_ && node_->is_scalar() && !node_->is_null(); }

  Place operator[](std::string_view key) const;
  /// Entries of a mapping; nothing for anything else.
  std::vector<std::pair<std::string, Place>> Members() const;
  /// One item of a sequence; absent where there is none.
  Place Item(size_t index) const;
  /// Items of a sequence; nothing for anything else.
  std::vector<Place> Items() const;

 private:
  Place(std::string path, const YamlNode* key, const YamlNode* node)
      : path_(std::move(path)), key_(key), node_(node) {}

  std::string path_;
  const YamlNode* key_;
  const YamlNode* node_;
};

/// `parent.key`, or `parent[key]` where the key has dots.
std::string ChildPath(std::string_view parent, std::string_view key);

}  // namespace lockkeeper
