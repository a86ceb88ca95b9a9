#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "schemas/diagnostic.h"
#include "schemas/kinds/cluster.h"
#include "schemas/kinds/match.h"

namespace lockkeeper {

/// What a match without a single condition selects (SPEC 2.1).
enum class EmptyMatch : uint8_t {
  kNothing,              ///< an upgrade's
  kEverythingIfWritten,  ///< a schedule's, plan stage's or lock's: everything if it says `matchers: []`, else
                         ///< nothing
};

/// A ClusterMatch made ready for many clusters. Immutable; safe to share between threads.
class CompiledMatch {
 public:
  /// Every problem goes to `findings` at its place in `file`; nullopt if there is one: what cannot be
  /// understood must hold its own object, and selecting too few clusters would be as wrong as selecting too
  /// many.
  static std::optional<CompiledMatch> Compile(const ClusterMatch& match, EmptyMatch empty,
                                              std::string_view file, Diagnostics& findings);

  ~CompiledMatch();
  CompiledMatch(CompiledMatch&&) noexcept;
  CompiledMatch& operator=(CompiledMatch&&) noexcept;

  /// All matchers and requirements hold. For matchers a missing label is the empty string; for requirements
  /// Kubernetes' rules hold: In and Exists need the key to be there, NotIn is content without it.
  bool Selects(const Labels& labels) const;

  /// At least one of them holds; as Selects where there are none. For `validate`'s advice only.
  bool SelectsAny(const Labels& labels) const;

  /// With fewer than two conditions AND and OR are the same.
  bool has_several_conditions() const;

 private:
  struct Impl;
  explicit CompiledMatch(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace lockkeeper
