#pragma once

#include <expected>
#include <span>

#include "reconciler/core/release/catalog.h"

namespace lockkeeper {

/// Whether one bump may go that far (SPEC 2.5): within a major `skip.minor` counts minors; across majors
/// `skip.major` counts majors, and the minor is free. A limit that is absent limits nothing.
bool WithinSkip(const Version& from, const Version& to, const MaxSkip& skip);

/// What a way is asked for. `releases` are one provider's, sorted by version, no two equal; `target` is one
/// of them.
struct WayQuestion {
  std::span<const CatalogEntry> releases;
  size_t target = 0;
  const Version& from;
  const MaxSkip& skip;
  const SelectsCluster& selects;
};

/// Catalog::NextHop over one provider's releases. Quadratic in their number at worst, linear as a rule.
std::expected<Hop, NoWay> FirstHop(const WayQuestion& question);

}  // namespace lockkeeper
