#include "schemas/manifest/schema_files.h"

#include "schemas/manifest/decode.h"

namespace lockkeeper {

std::string_view KindOfSchemaFile(std::string_view name) { return name.substr(0, name.find('.')); }

std::string_view SchemaText(std::string_view kind) {
  for (const EmbeddedFile& file : EmbeddedJsonSchemas()) {
    if (KindOfSchemaFile(file.name) == kind) return file.text;
  }
  return {};
}

std::vector<std::string_view> SchemaKinds() {
  std::vector<std::string_view> kinds;
  for (const EmbeddedFile& file : EmbeddedJsonSchemas()) {
    // The lenient one is for reading only: nobody writes such an object for lockkeeper.
    if (KindOfSchemaFile(file.name) != kGiantSwarmRelease) kinds.push_back(KindOfSchemaFile(file.name));
  }
  return kinds;
}

}  // namespace lockkeeper
