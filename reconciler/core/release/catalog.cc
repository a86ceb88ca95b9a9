#include "reconciler/core/release/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "reconciler/core/release/way.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

std::string Place(const Release& release) {
  return fmt::format("{}:{}", release.origin.file, release.origin.mark.line);
}

void Report(const Release& release, Mark mark, Severity severity, std::string code, std::string message,
            Diagnostics& findings) {
  if (mark == Mark{}) mark = release.origin.mark;
  findings.push_back({release.origin.file, mark, severity, std::move(code), std::move(message)});
}

/// nullopt: it cannot be used, and `why` says why.
std::optional<CatalogEntry> ReadRelease(const Release& release, Diagnostics& findings, std::string& why) {
  auto name = ParseReleaseName(release.name);
  if (!name) {
    why = name.error().message;
    Report(release, {}, Severity::kError, "release-name", "metadata.name: " + why, findings);
    return std::nullopt;
  }
  CatalogEntry entry{&release, *std::move(name), std::nullopt, {}};
  auto read = [&](const Field<std::string>& field, std::string_view path) -> std::optional<VersionRange> {
    auto range = VersionRange::Parse(field.value);
    if (range) return *std::move(range);
    why = fmt::format("{}: {}", path, range.error().message);
    Report(release, field.mark, Severity::kError, "bad-range", why, findings);
    return std::nullopt;
  };
  if (!release.upgrades_from.value.empty()) {
    entry.upgrades_from = read(release.upgrades_from, "spec.upgradesFrom");
  }
  for (size_t i = 0; i < release.blocked_from.size(); ++i) {
    const BlockedFrom& rule = release.blocked_from[i];
    auto range = read(rule.range, fmt::format("spec.blockedFrom[{}].range", i));
    if (range) entry.blocked_from.push_back({*std::move(range), &rule});
  }
  if (!why.empty()) return std::nullopt;
  return entry;
}

}  // namespace

void Catalog::TakeOutRepeated(std::vector<CatalogEntry>& entries, Diagnostics& findings) {
  auto same = [](const CatalogEntry& a, const CatalogEntry& b) {
    return a.name.provider == b.name.provider && a.name.version == b.name.version;
  };
  std::vector<CatalogEntry> unique;
  for (size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    bool all_deprecated = true;
    std::string places;
    for (end = begin; end < entries.size() && same(entries[begin], entries[end]); ++end) {
      const Release& release = *entries[end].release;
      all_deprecated = all_deprecated && release.state == ReleaseState::kDeprecated;
      places += fmt::format("{}{} in {}", places.empty() ? "" : ", ", release.name, Place(release));
    }
    if (end == begin + 1) {
      unique.push_back(std::move(entries[begin]));
      continue;
    }
    std::string why = fmt::format("it stands {} times in the catalog ({}), and which one is meant is unknown",
                                  end - begin, places);
    for (size_t i = begin; i < end; ++i) {
      const Release& release = *entries[i].release;
      left_out_[release.name] = why;
      Report(release, {}, all_deprecated ? Severity::kWarning : Severity::kError, "duplicate-release",
             fmt::format(
                 "release {} cannot be used: {}; name one provider's folder in the Fleet's spec.releases, or "
                 "remove one of them",
                 release.name, why),
             findings);
    }
  }
  entries = std::move(unique);
}

Catalog Catalog::Build(const std::vector<Release>& releases, Diagnostics& findings,
                       const std::vector<BrokenObject>& broken) {
  Catalog catalog;
  for (const BrokenObject& object : broken) {
    if (object.kind != "Release" || object.name.name.empty()) continue;
    catalog.left_out_[object.name.name] = fmt::format("{}: {}", object.origin.file, object.message);
  }
  std::vector<CatalogEntry> entries;
  entries.reserve(releases.size());
  for (const Release& release : releases) {
    std::string why;
    auto entry = ReadRelease(release, findings, why);
    if (entry) {
      entries.push_back(*std::move(entry));
    } else {
      catalog.left_out_[release.name] = why;
    }
  }
  std::ranges::sort(entries, [](const CatalogEntry& a, const CatalogEntry& b) {
    return std::tie(a.name.provider, a.name.version, a.release->name, a.release->origin.file,
                    a.release->origin.document) < std::tie(b.name.provider, b.name.version, b.release->name,
                                                           b.release->origin.file,
                                                           b.release->origin.document);
  });
  catalog.TakeOutRepeated(entries, findings);
  for (CatalogEntry& entry : entries) {
    // A broken copy of it was read before: which of the two is meant is unknown as well.
    if (catalog.left_out_.contains(entry.release->name)) continue;
    for (const CatalogEntry::Block& block : entry.blocked_from) {
      catalog.depends_on_cluster_ = catalog.depends_on_cluster_ || block.rule->match.has_value();
    }
    catalog.by_name_[entry.release->name] = entry.release;
    Provider& provider = catalog.by_provider_[entry.name.provider];
    provider.releases.push_back(entry.release);
    provider.entries.push_back(std::move(entry));
  }
  return catalog;
}

const Release* Catalog::Find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Catalog::Provider* Catalog::FindProvider(std::string_view name) const {
  auto found = by_provider_.find(name);
  return found == by_provider_.end() ? nullptr : &found->second;
}

const std::vector<const Release*>& Catalog::OfProvider(std::string_view provider) const {
  static const std::vector<const Release*> kNone;
  const Provider* found = FindProvider(provider);
  return found == nullptr ? kNone : found->releases;
}

std::vector<std::string> Catalog::Providers() const {
  std::vector<std::string> names;
  for (const auto& [name, provider] : by_provider_) names.push_back(name);
  return names;
}

NoWay Catalog::Unknown(const ReleaseName& target) const {
  const std::string name = target.str();
  if (auto why = left_out_.find(name); why != left_out_.end()) {
    return {"unknown-release", fmt::format("release {} cannot be used: {}", name, why->second)};
  }
  std::string message = fmt::format("release {} is not in the catalog", name);
  const Provider* provider = FindProvider(target.provider);
  if (provider == nullptr) {
    message += target.provider.empty()
                   ? ", which has none without a provider's prefix"
                   : fmt::format(", which has none of the provider '{}'", target.provider);
    return {"unknown-release", message};
  }
  const CatalogEntry* nearest = nullptr;
  for (const CatalogEntry& entry : provider->entries) {
    if (entry.name.version == target.version) {
      return {"unknown-release", fmt::format("{}; {} is of that version", message, entry.release->name)};
    }
    bool same_minor =
        entry.name.version.major == target.version.major && entry.name.version.minor == target.version.minor;
    if (same_minor && entry.release->state == ReleaseState::kActive) nearest = &entry;
  }
  if (nearest != nullptr) {
    message += fmt::format("; the newest active one of that minor is {}", nearest->release->name);
  }
  return {"unknown-release", message};
}

std::expected<Hop, NoWay> Catalog::NextHop(const Version& from, const ReleaseName& target,
                                           const MaxSkip& skip, const SelectsCluster& selects) const {
  const Release* release = Find(target.str());
  if (release == nullptr) return std::unexpected(Unknown(target));
  const Provider* provider = FindProvider(target.provider);
  LK_ASSERT(provider != nullptr);  // the name was found, so its provider is known
  const std::vector<CatalogEntry>& entries = provider->entries;
  auto entry = std::ranges::lower_bound(
      entries, target.version, {}, [](const CatalogEntry& e) -> const Version& { return e.name.version; });
  return FirstHop({.releases = entries,
                   .target = static_cast<size_t>(entry - entries.begin()),
                   .from = from,
                   .skip = skip,
                   .selects = selects});
}

}  // namespace lockkeeper
