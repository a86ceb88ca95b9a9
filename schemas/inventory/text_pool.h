#pragma once

#include <string_view>
#include <unordered_map>

#include "schemas/shared_text.h"

namespace lockkeeper {

/// Makes equal texts share their bytes. Forgets what it knows once it holds kTextsMax texts, so that texts
/// which are all different cost no memory here and common ones are soon shared again.
class TextPool {
 public:
  SharedText Share(std::string_view text) {
    if (text.empty() || text.size() > kBytesMax) return SharedText(text);
    if (auto known = texts_.find(text); known != texts_.end()) return known->second;
    if (texts_.size() >= kTextsMax) texts_.clear();
    SharedText made(text);
    texts_.emplace(std::string_view(made), made);
    return made;
  }

  static constexpr size_t kTextsMax = 16'384;
  static constexpr size_t kBytesMax = 128;

 private:
  std::unordered_map<std::string_view, SharedText> texts_;  ///< the keys point into the values
};

}  // namespace lockkeeper
