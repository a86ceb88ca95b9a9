#include "schemas/manifest/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

bool IsKnownTag(std::string_view tag) {
  if (tag.empty() || tag == "?" || tag == "!") return true;
  static constexpr std::array<std::string_view, 7> kCore{"str", "int", "float", "bool", "null", "map", "seq"};
  constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  if (tag.starts_with(kPrefix)) {
    tag.remove_prefix(kPrefix.size());
  } else if (tag.starts_with("!!")) {
    tag.remove_prefix(2);
  } else {
    return false;
  }
  return std::ranges::find(kCore, tag) != kCore.end();
}

class ShapeCheck {
 public:
  explicit ShapeCheck(Collector& findings) : findings_(findings) {}

  /// Depth is bounded by the parser. False: too many nodes.
  bool Visit(const Place& place) {
    if (++nodes_ > kObjectNodesMax) return false;
    const YamlNode& node = place.node();
    if (node.kind == NodeKind::kAlias) {
      findings_.Error(place, "alias",
                      fmt::format("the alias *{} is not followed here; write the value itself",
                                  Shortened(node.value, 60)));
      return true;
    }
    if (!node.anchor.empty()) {
      findings_.Error(place, "alias",
                      fmt::format("anchors are not used here; remove &{}", Shortened(node.anchor, 60)));
    }
    if (!IsKnownTag(node.tag)) {
      findings_.Error(place, "bad-tag", fmt::format("unknown tag {}; remove it", Quoted(node.tag)));
    }
    if (node.is_scalar() && !IsPrintable(node.value)) {
      findings_.Error(place, "bad-text",
                      "holds a character that cannot be printed; remove the escape that makes it");
    }
    if (node.is_mapping() && !VisitKeys(place)) return false;
    for (const auto& [key, child] : place.Members()) {
      if (!Visit(child)) return false;
    }
    for (const Place& item : place.Items()) {
      if (!Visit(item)) return false;
    }
    return true;
  }

 private:
  bool VisitKeys(const Place& place) {
    for (const YamlNode& key : place.node().keys) {
      if (++nodes_ > kObjectNodesMax) return false;
      if (!key.is_scalar()) {
        findings_.ErrorAt(key.mark, place.path(), "bad-key", "a key must be text");
      } else if (!IsPrintable(key.value)) {
        findings_.ErrorAt(key.mark, place.path(), "bad-key",
                          "a key holds a character that cannot be printed");
      } else if (key.value.size() > kKeyBytesMax) {
        findings_.ErrorAt(key.mark, ChildPath(place.path(), key.value), "too-long",
                          fmt::format("a key has at most {} bytes", kKeyBytesMax));
      } else if (!key.anchor.empty()) {
        findings_.ErrorAt(key.mark, ChildPath(place.path(), key.value), "alias",
                          fmt::format("anchors are not used here; remove &{}", Shortened(key.anchor, 60)));
      }
    }
    return true;
  }

  Collector& findings_;
  size_t nodes_ = 0;
};

}  // namespace

bool CheckShape(const Place& document, Collector& findings) {
  if (ShapeCheck(findings).Visit(document)) return true;
  findings.ErrorAt(document.mark(), document.path(), "too-large",
                   fmt::format("the object has more than {} values; split it", kObjectNodesMax));
  return false;
}

}  // namespace lockkeeper
