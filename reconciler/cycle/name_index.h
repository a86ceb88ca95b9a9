#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/diagnostic.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

/// Where the names of one kind stand, of good objects and broken ones: a name that stands twice belongs to
/// neither.
class NameIndex {
 public:
  /// By file and document.
  using Places = std::map<std::pair<std::string, int>, Mark>;

  void Add(const ObjectName& name, const Origin& origin);
  void Remove(const ObjectName& name, const std::string& file);

  bool Stands(const ObjectName& name) const { return names_.contains(name); }
  bool IsDouble(const ObjectName& name) const { return doubles_.contains(name); }
  const std::set<ObjectName>& doubles() const { return doubles_; }
  const Places& PlacesOf(const ObjectName& name) const { return names_.at(name); }
  /// What is wrong with the object of this name at `origin`, a double, with the other places.
  std::string Complaint(std::string_view kind, const ObjectName& name, const std::string& file,
                        int document) const;

 private:
  std::map<ObjectName, Places> names_;
  std::set<ObjectName> doubles_;
};

}  // namespace lockkeeper
