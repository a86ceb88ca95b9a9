#include "schemas/yaml/tree_builder.h"

#include <fmt/format.h>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

// Most collections have a few entries; growing a list one by one is what building a tree would cost most.
constexpr size_t kNodesAtFirst = 4;

}  // namespace

bool TreeBuilder::Refuse(Mark mark, std::string message) {
  if (!error_) error_ = YamlError{mark, "yaml-limit", std::move(message)};
  return false;
}

bool TreeBuilder::StartDocument(Mark mark) {
  LK_ASSERT(open_.empty());
  if (stream_.documents.size() == limits_.documents_max) {
    return Refuse(mark, fmt::format("more than {} documents in one text", limits_.documents_max));
  }
  stream_.documents.emplace_back().mark = mark;
  return true;
}

YamlNode* TreeBuilder::Add(Mark mark) {
  if (++nodes_ > limits_.nodes_max) {
    Refuse(mark, fmt::format("more than {} YAML nodes in one text", limits_.nodes_max));
    return nullptr;
  }
  YamlNode* node = nullptr;
  if (open_.empty()) {
    LK_ASSERT(!stream_.documents.empty());
    node = &stream_.documents.back();
  } else {
    YamlNode& parent = *open_.back();
    const bool is_key = parent.is_mapping() && parent.keys.size() == parent.children.size();
    std::vector<YamlNode>& list = is_key ? parent.keys : parent.children;
    if (list.capacity() == 0) list.reserve(kNodesAtFirst);
    node = &list.emplace_back();
    node->flow = parent.flow;
  }
  node->mark = mark;
  return node;
}

bool TreeBuilder::Open(YamlNode* collection) {
  if (open_.size() == limits_.depth_max) {
    return Refuse(collection->mark, fmt::format("nested more than {} levels deep", limits_.depth_max));
  }
  open_.push_back(collection);
  return true;
}

YamlNode* TreeBuilder::Close() {
  LK_ASSERT(!open_.empty());
  YamlNode* closed = open_.back();
  open_.pop_back();
  return closed;
}

}  // namespace lockkeeper
