#include <memory>

#include "reconciler/cli/command.h"

namespace lockkeeper {

void AddCompletion(CommandLine& line);

namespace {

// Each asks the program itself (complete.h), so that a script never grows old.

constexpr std::string_view kBash = R"script(# lockkeeper's completion for bash.
# Now:     source <(lockkeeper completion bash)
# Always:  lockkeeper completion bash > ~/.local/share/bash-completion/completions/lockkeeper
_lockkeeper() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}") current="${COMP_WORDS[COMP_CWORD]}" line
  [ "$current" = "=" ] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _lockkeeper lockkeeper
)script";

constexpr std::string_view kZsh = R"script(#compdef lockkeeper
# lockkeeper's completion for zsh.
# Now:     source <(lockkeeper completion zsh)
# Always:  lockkeeper completion zsh > a folder of $fpath, as _lockkeeper
_lockkeeper() {
  local line word
  local -a described
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      '') ;;
      :files) _files ;;
      :folders) _files -/ ;;
      *) word="${line%%$'\t'*}"; line="${line#*$'\t'}"; described+=("${word//:/\\:}${line:+:$line}") ;;
    esac
  done
  (( ${#described} )) && _describe -V lockkeeper described
}
if [ "${funcstack[1]}" = _lockkeeper ]; then _lockkeeper "$@"; else compdef _lockkeeper lockkeeper; fi
)script";

constexpr std::string_view kFish = R"script(# lockkeeper's completion for fish.
# Now:     lockkeeper completion fish | source
# Always:  lockkeeper completion fish > ~/.config/fish/completions/lockkeeper.fish
function __lockkeeper_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (command $words[1] __complete $words[2..-1] 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path (commandline -ct)
      case :folders
        __fish_complete_directories (commandline -ct)
      case '*'
        echo $line
    end
  end
end
complete -c lockkeeper -f -k -a '(__lockkeeper_complete)'
)script";

CliResult<ExitCode> ShowScript(const std::string& shell, Invocation& call) {
  call.out.Text(shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  return ExitCode::kDone;
}

}  // namespace

void AddCompletion(CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  CLI::App& command =
      line.Add("completion", "The script that makes a shell complete lockkeeper's commands and options.",
               [shell](Invocation& call) { return ShowScript(*shell, call); });
  line.OneOf(command.add_option("SHELL", *shell, "bash, zsh or fish.")->required(), {"bash", "zsh", "fish"});
  command.footer(
      "Try it in the shell at hand:\n"
      "  source <(lockkeeper completion bash)\n"
      "  lockkeeper completion fish | source");
}

}  // namespace lockkeeper
