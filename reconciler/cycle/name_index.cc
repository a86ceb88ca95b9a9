#include "reconciler/cycle/name_index.h"

#include <fmt/format.h>

namespace lockkeeper {
namespace {

constexpr size_t kPlacesShown = 5;

}  // namespace

void NameIndex::Add(const ObjectName& name, const Origin& origin) {
  Places& places = names_[name];
  places.insert_or_assign({origin.file, origin.document}, origin.mark);
  if (places.size() > 1) doubles_.insert(name);
}

void NameIndex::Remove(const ObjectName& name, const std::string& file) {
  auto found = names_.find(name);
  if (found == names_.end()) return;
  Places& places = found->second;
  auto first = places.lower_bound({file, 0});
  auto last = first;
  while (last != places.end() && last->first.first == file) ++last;
  places.erase(first, last);
  if (places.size() < 2) doubles_.erase(name);
  if (places.empty()) names_.erase(found);
}

std::string NameIndex::Complaint(std::string_view kind, const ObjectName& name, const std::string& file,
                                 int document) const {
  const Places& places = PlacesOf(name);
  std::string others;
  size_t shown = 0;
  for (const auto& [place, mark] : places) {
    if (place == std::pair{file, document}) continue;
    if (++shown > kPlacesShown) break;
    others += fmt::format("{}{}:{}:{}", others.empty() ? "" : ", ", place.first, mark.line, mark.column);
  }
  size_t rest = places.size() - 1;
  std::string more = rest > kPlacesShown ? fmt::format(" and {} more", rest - kPlacesShown) : "";
  return fmt::format(
      "{} {} stands here and at {}{}; which of them counts is not for lockkeeper to guess, so none does: "
      "rename or remove one",
      kind, name.str(), others, more);
}

}  // namespace lockkeeper
