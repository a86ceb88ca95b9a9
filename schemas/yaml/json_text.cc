#include "schemas/yaml/json_text.h"

#include <nlohmann/json.hpp>

#include "schemas/yaml/source_text.h"

namespace lockkeeper {

bool IsJsonDocument(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return false;
  return nlohmann::json::accept(text.begin(), text.end());
}

bool IsJsonLiteral(std::string_view text) {
  if (text.empty() || text.find_first_of(" \t\r\n\"[{") != std::string_view::npos) return false;
  return nlohmann::json::accept(text.begin(), text.end());
}

}  // namespace lockkeeper
