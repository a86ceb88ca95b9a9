#include "reconciler/cli/settings.h"

#include <cstdlib>
#include <memory>

#include "reconciler/cli/command.h"

namespace lockkeeper {
namespace {

// Nobody changes the environment of this process after its start.
const char* Variable(const std::string& name) {
  return std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
}

std::string VariableName(std::string words) {
  for (char& c : words) {
    const bool letter = c >= 'a' && c <= 'z';
    if (letter) c = static_cast<char>(c - 'a' + 'A');
    if (c == '-' || c == ' ') c = '_';
  }
  return "LOCKKEEPER_" + words;
}

void NameVariables(CLI::App& app, const std::string& prefix) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option == app.get_help_ptr()) {
      option->configurable(false);
    } else {
      option->envname(VariableName(prefix + option->get_lnames().front()));
    }
  }
  for (CLI::App* command : app.get_subcommands({}))
    NameVariables(*command, prefix + command->get_name() + " ");
}

/// A file whose values count only where the environment says nothing: CLI11 itself has it the other way
/// round.
class SettingsFile : public CLI::ConfigBase {
 public:
  explicit SettingsFile(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> entries = ConfigBase::from_config(input);
    std::erase_if(entries, [&](const CLI::ConfigItem& item) {
      const CLI::App* command = &app_;
      for (const std::string& word : item.parents) {
        command = FindBelow(*command, word);
        if (command == nullptr) return false;
      }
      const CLI::Option* option = command->get_option_no_throw("--" + item.name);
      return option != nullptr && !option->get_envname().empty() &&
             Variable(option->get_envname()) != nullptr;
    });
    return entries;
  }

 private:
  const CLI::App& app_;
};

}  // namespace

void AddSettings(CLI::App& app) {
  NameVariables(app, "");
  app.config_formatter(std::make_shared<SettingsFile>(app));
  app.allow_config_extras(CLI::config_extras_mode::error);
  const char* file = Variable("LOCKKEEPER_CONFIG");
  const std::string named = file == nullptr ? "" : file;
  app.set_config("--config", named,
                 "A file with defaults for the options. It has lines such as repo = \"/srv/fleet.git\", and "
                 "sections such as "
                 "[windows] for the options of one command.",
                 !named.empty())
      ->type_name("FILE");
}

}  // namespace lockkeeper
