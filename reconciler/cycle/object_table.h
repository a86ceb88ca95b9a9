#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "reconciler/cycle/name_index.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Puts new objects in their places of a list that is sorted by name and origin.
template <class T>
void MergeByName(std::vector<T> added, std::vector<T>& list) {
  auto key = [](const T& object) {
    return std::tie(object.name, object.origin.file, object.origin.document);
  };
  auto before = [&](const T& a, const T& b) { return key(a) < key(b); };
  std::ranges::sort(added, before);
  auto middle = static_cast<std::ptrdiff_t>(list.size());
  list.insert(list.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  std::inplace_merge(list.begin(), list.begin() + middle, list.end(), before);
}

/// The objects of one kind that all files hold together. The good ones live in the Fleet's own list, which
/// every call gets; those whose name stands elsewhere too wait here until one of them goes.
template <class T>
class ObjectTable {
 public:
  explicit ObjectTable(std::string_view kind) : kind_(kind) {}
  const std::string& kind() const { return kind_; }

  void Add(T object) {
    AddBroken(object.name, object.origin);
    fresh_.push_back(std::move(object));
  }
  /// It holds its name, and nothing else.
  void AddBroken(const ObjectName& name, const Origin& origin) {
    index_.Add(name, origin);
    touched_.insert(name);
    names_in_[origin.file].insert(name);
  }
  /// What a file held; at most once a round, and before what it holds now is added.
  void Forget(const std::string& file) {
    auto held = names_in_.find(file);
    if (held == names_in_.end()) return;
    for (const ObjectName& name : held->second) {
      index_.Remove(name, file);
      touched_.insert(name);
    }
    names_in_.erase(held);
    gone_.insert(file);
  }

  /// Ends a round of the calls above.
  void Settle(std::vector<T>& list) {
    if (touched_.empty()) return;
    std::vector<T> moving = std::move(fresh_);
    Extract(list, moving);
    Extract(doubled_, moving);
    std::vector<T> good;
    for (T& object : moving) (index_.IsDouble(object.name) ? doubled_ : good).push_back(std::move(object));
    MergeByName(std::move(good), list);
    fresh_.clear();
    touched_.clear();
    gone_.clear();
  }

  void Report(std::vector<BrokenObject>& broken, Diagnostics& findings) const {
    std::set<ObjectName> told;
    for (const T& object : doubled_) {
      BrokenObject one{kind_,
                       object.name,
                       object.origin,
                       index_.Complaint(kind_, object.name, object.origin.file, object.origin.document),
                       {}};
      if constexpr (requires { object.match; }) {
        one.match = object.match;
        one.match_read = true;
      }
      broken.push_back(std::move(one));
      told.insert(object.name);
    }
    for (const ObjectName& name : index_.doubles()) {
      const NameIndex::Places& places = index_.PlacesOf(name);
      // Where all stand in one file and are broken already, the file's own findings say so.
      bool one_file = places.begin()->first.first == places.rbegin()->first.first;
      if (one_file && !told.contains(name)) continue;
      for (const auto& [place, mark] : places) {
        findings.push_back({place.first, mark, Severity::kError, "duplicate-object",
                            index_.Complaint(kind_, name, place.first, place.second)});
      }
    }
  }

 private:
  /// Takes out of `list` what has to be placed anew; what is of a changed file is dropped.
  void Extract(std::vector<T>& list, std::vector<T>& moving) {
    auto kept = list.begin();
    for (auto object = list.begin(); object != list.end(); ++object) {
      if (touched_.contains(object->name)) {
        if (!gone_.contains(object->origin.file)) moving.push_back(std::move(*object));
        continue;
      }
      if (kept != object) *kept = std::move(*object);
      ++kept;
    }
    list.erase(kept, list.end());
  }

  std::string kind_;
  NameIndex index_;
  std::map<std::string, std::set<ObjectName>> names_in_;  ///< by file
  std::vector<T> doubled_;
  std::vector<T> fresh_;
  std::set<ObjectName> touched_;
  std::set<std::string> gone_;
};

}  // namespace lockkeeper
