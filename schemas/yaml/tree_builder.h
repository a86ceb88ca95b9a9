#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/yaml/limits.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// Puts the events of either parser together to trees and holds them to the limits.
class TreeBuilder {
 public:
  explicit TreeBuilder(const YamlLimits& limits) : limits_(limits) {}

  /// False: a limit is reached, error() says which.
  bool StartDocument(Mark mark);
  /// The place for the next node, to be filled by the caller; nullptr when a limit is reached. It stays valid
  /// until the next call of Add or StartDocument at the same level.
  YamlNode* Add(Mark mark);
  /// The node that Add returned last is a collection; what follows goes into it. nullptr when it is too deep.
  bool Open(YamlNode* collection);
  /// Ends the innermost collection and returns it.
  YamlNode* Close();

  /// The innermost collection that is not closed yet; nullptr: none.
  const YamlNode* innermost() const { return open_.empty() ? nullptr : open_.back(); }

  const std::optional<YamlError>& error() const { return error_; }
  YamlStream Take() { return std::move(stream_); }

 private:
  bool Refuse(Mark mark, std::string message);

  YamlLimits limits_;
  YamlStream stream_;
  std::vector<YamlNode*> open_;
  size_t nodes_ = 0;
  std::optional<YamlError> error_;
};

}  // namespace lockkeeper
