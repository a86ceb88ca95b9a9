#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/inventory/glob.h"
#include "schemas/inventory/ref_format.h"
#include "schemas/inventory/text_template.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/shared_text.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {

class DocumentReader;

/// apiVersion and kind of a document; an absent glob matches all.
struct CompiledSelect {
  std::optional<Glob> api_version;
  std::optional<Glob> kind;
  std::string literal_kind;  ///< empty where it is a pattern
  bool any() const { return !api_version && !kind; }
  bool Matches(const DocumentReader& document) const;
};

struct CompiledRef {
  RefRule rule;
  FieldPath path;
  SharedText path_text;       ///< as it is written
  SharedText written_format;  ///< `{v}{version}` where the rule says nothing
  bool has_wildcard = false;  ///< a step `[*]`
  RefFormat format;
  CompiledSelect select;
  std::vector<std::pair<FieldPath, TextTemplate>> where;
  std::vector<std::pair<std::string, FieldPath>> floating;
  std::optional<TextTemplate> file;
  /// With wildcards in `file`: the globs that the file's name (without folder) must match, and this ref's
  /// number among all such refs of the inventory.
  std::optional<Glob> neighbours;
  std::optional<TextTemplate> neighbour_folder;
  int join = -1;

  bool in_manifest() const { return !file && !neighbours; }
  /// The ref of a document that need not be the naming one.
  bool selects() const { return !select.any() || !where.empty(); }
};

/// An inventory rule with everything that can be prepared once.
struct CompiledRule {
  InventoryRule rule;
  std::vector<Glob> include;
  std::vector<Glob> exclude;
  std::vector<Glob> files;
  bool names_files =
      false;  ///< some include ends in a literal file name, so that its extension does not matter
  CompiledSelect select;
  std::vector<std::pair<FieldPath, Glob>> where;
  std::string needle;
  TextTemplate cluster;
  TextTemplate cluster_namespace;
  std::optional<TextTemplate> provider;
  FieldPath labels_from;
  std::vector<CompiledRef> refs;
  int marker_join = -1;
  SharedText time_zone;

  bool MatchesPath(std::string_view path) const;
  bool MatchesDocument(const DocumentReader& document) const;
};

/// The most refs with wildcards in `file` that all rules together may have.
inline constexpr int kJoinsMax = 64;

/// kInvalid names the field. `joins` counts the refs with wildcards in `file` and the marker rules so far.
Result<CompiledRule> CompileRule(const InventoryRule& rule, int& joins);

}  // namespace lockkeeper
