#include "schemas/inventory/part_key.h"

#include <fmt/format.h>

namespace lockkeeper {

std::string PartGroup(int join, std::string_view folder, std::string_view join_key) {
  return fmt::format("{:02}{}{}{}{}", join, folder, '\0', join_key, '\0');
}

std::string PartKey(int join, std::string_view folder, std::string_view join_key, std::string_view path,
                    size_t number) {
  return fmt::format("{}{}{}{:08}", PartGroup(join, folder, join_key), path, '\0', number);
}

std::string_view PartGroupOf(std::string_view part_key) {
  return part_key.substr(0, part_key.find('\0', part_key.find('\0') + 1) + 1);
}

std::string_view PathOfPart(std::string_view part_key) {
  part_key.remove_prefix(PartGroupOf(part_key).size());
  return part_key.substr(0, part_key.find('\0'));
}

}  // namespace lockkeeper
