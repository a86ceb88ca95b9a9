#pragma once

#include <string>
#include <vector>

#include "reconciler/cli/command.h"

namespace lockkeeper {

struct CompletionWord {
  std::string word;
  std::string description;  ///< one line; may be empty
};

/// What may stand for the last of `words`, which may be begun or empty; the ones before it are complete.
/// Without the program's name.
struct Completion {
  std::vector<CompletionWord> words;
  Completes paths = Completes::kNothing;
};
Completion CompleteWords(const CommandLine& line, const std::vector<std::string>& words);

/// The shells' scripts (completion.cc) call `lockkeeper __complete WORD...`. It prints a line
/// `word<TAB>description` for each candidate, and `:files` or `:folders` where the shell should look itself.
bool IsCompletionRequest(const std::vector<std::string>& arguments);
int PrintCompletions(const CommandLine& line, const std::vector<std::string>& arguments);

}  // namespace lockkeeper
