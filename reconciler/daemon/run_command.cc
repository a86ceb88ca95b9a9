#include "reconciler/daemon/run_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

#include "gitops/repository/child_process.h"
#include "reconciler/cli/clock.h"
#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/logging.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/remote.h"
#include "reconciler/daemon/clock_file.h"
#include "reconciler/daemon/loop.h"
#include "reconciler/daemon/signals.h"
#include "reconciler/daemon/supervisor.h"
#include "reconciler/daemon/turn_log.h"
#include "reconciler/daemon/waker.h"

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{250};
constexpr milliseconds kClockFileTick{20};
/// A turn has deadlines on everything it does; one that takes longer hangs.
constexpr std::chrono::minutes kTurnTimeMax{30};
constexpr std::chrono::seconds kCheckTimeMax{30};
constexpr const char* kSelf = "/proc/self/exe";

struct RunOptions {
  std::string poll_interval = "60s";
  std::string clock;
  bool check = false;
};

/// What the daemon's threads want to know of each other.
class DaemonState : public LoopObserver {
 public:
  void TurnBegins(Instant) override { turn_began_.store(steady_clock::now().time_since_epoch().count()); }

  void TurnEnds(const Turn& turn) override {
    turn_began_.store(kNoTurn);
    log_.Tell(turn);
    if (service_ != nullptr) service_->Status(StatusLine(turn));
  }

  /// The loop turns, or rests as it should.
  bool healthy() const {
    const auto began = turn_began_.load();
    if (began == kNoTurn) return true;
    return steady_clock::now() - steady_clock::time_point{steady_clock::duration{began}} < kTurnTimeMax;
  }

  void Tell(const Supervisor* service) { service_ = service; }

 private:
  static constexpr steady_clock::rep kNoTurn = 0;

  static std::string StatusLine(const Turn& turn) {
    if (!turn.result) return "last pass failed: " + turn.result.error().message;
    return fmt::format("at {}; next wake {}", turn.result->read.substr(0, 12),
                       turn.rest.wake_at ? FormatInstant(*turn.rest.wake_at) : "only with a new commit");
  }

  std::atomic<steady_clock::rep> turn_began_ = kNoTurn;
  TurnLog log_;
  const Supervisor* service_ = nullptr;
};

/// The words this process was started with.
std::vector<std::string> OwnWords() {
  std::ifstream file{"/proc/self/cmdline"};
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

/// Whether a start with the configuration as it is now would succeed; if not, what is wrong with it.
std::optional<std::string> ReloadProblem() {
  std::vector<std::string> words = OwnWords();
  words.erase(words.begin());
  words.emplace_back("--check");
  auto outcome = RunChild({.program = kSelf,
                           .arguments = std::move(words),
                           .folder = ".",
                           .environment = OwnEnvironment(),
                           .input = {},
                           .time_max = kCheckTimeMax});
  if (!outcome) return outcome.error().message;
  if (outcome->timed_out) return "the check of the configuration took too long";
  if (outcome->exit_code != 0) return outcome->output.substr(0, outcome->output.find_last_not_of('\n') + 1);
  return std::nullopt;
}

/// The same process begins anew, with what the configuration says now. Returns only where that fails.
void BeginAnew() {
  std::vector<std::string> words = OwnWords();
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(kSelf, pointers.data());
  LogEvent(LogLevel::kError, "cannot reload", {{"error", std::generic_category().message(errno)}});
}

Result<std::unique_ptr<Repository>> OpenForDaemon(const GlobalOptions& global) {
  if (IsRemote(global.repo)) return OpenRemote(global, CloneUse::kDaemon);
  return OpenAnyRepository(global);
}

CliResult<LoopOptions> ReadLoopOptions(const RunOptions& options, const GlobalOptions& global) {
  auto interval = ReadDuration("--poll-interval", options.poll_interval);
  if (!interval) return std::unexpected(interval.error());
  // Whatever can never work is better said now than in the log of something that runs.
  auto opened = OpenForDaemon(global);
  if (!opened && opened.error().kind != ErrorKind::kTransient) {
    return Stop(ExitCode::kUnreachable, opened.error().message);
  }
  auto first = std::make_shared<std::unique_ptr<Repository>>();
  if (opened) *first = std::move(*opened);
  auto open = [first, global]() -> Result<std::unique_ptr<Repository>> {
    if (*first != nullptr) return std::move(*first);
    return OpenForDaemon(global);
  };
  auto retry_after = [](const Repository& repository) -> std::optional<std::chrono::seconds> {
    const auto* remote = dynamic_cast<const RemoteRepository*>(&repository);
    return remote == nullptr ? std::nullopt : remote->retry_after();
  };
  return LoopOptions{.poll_interval = *interval, .open = open, .retry_after = retry_after};
}

CliResult<ExitCode> Serve(LoopOptions loop_options, std::function<Instant()> now, milliseconds tick,
                          std::string_view repo) {
  Waker waker{std::move(now), tick};
  DaemonState state;
  Supervisor service{[&state] { return state.healthy(); }};
  state.Tell(&service);
  std::atomic<bool> reload = false;
  Loop loop{std::move(loop_options), waker, state};
  {
    const SignalThread signals{
        {.stop =
             [&] {
               LogEvent(LogLevel::kInfo, "asked to stop; the step at hand is finished");
               waker.Stop();
             },
         .reload =
             [&] {
               if (auto problem = ReloadProblem()) {
                 LogEvent(LogLevel::kError, "not reloaded; the configuration as it was holds",
                          {{"problem", *problem}});
                 return;
               }
               reload.store(true);
               waker.Stop();
             }}};
    LogEvent(LogLevel::kInfo, "started", {{"repo", std::string{repo}}, {"pid", std::to_string(getpid())}});
    service.Ready();
    loop.Run();
  }
  if (reload.load()) {
    service.Reloading();
    LogEvent(LogLevel::kInfo, "reloading");
    return ExitCode::kNothingDone;
  }
  service.Stopping();
  LogEvent(LogLevel::kInfo, "stopped");
  return ExitCode::kDone;
}

CliResult<ExitCode> Run(const RunOptions& options, Invocation& call) {
  if (call.options.now) {
    return BadUsage("--now: the daemon follows the clock; --clock FILE has it follow one of yours");
  }
  if (call.line.app().get_option("--log-level")->count() == 0) {
    // What a daemon did is read afterwards, or not at all.
    GlobalOptions logging = call.options;
    logging.log_level = "info";
    StartLogging(logging);
  }
  auto clock = std::make_shared<ClockFile>(options.clock);
  if (!options.clock.empty()) {
    if (auto read = clock->Read(); !read) return BadUsage("--clock: " + read.error().message);
  }
  if (!options.check) BlockSignals();
  auto loop_options = ReadLoopOptions(options, call.options);
  if (!loop_options) return std::unexpected(loop_options.error());
  if (options.check) return ExitCode::kDone;
  auto ended = options.clock.empty() ? Serve(std::move(*loop_options), ReadClock, kTick, call.options.repo)
                                     : Serve(
                                           std::move(*loop_options), [clock] { return clock->Now(); },
                                           kClockFileTick, call.options.repo);
  if (ended && *ended == ExitCode::kNothingDone) BeginAnew();
  return ended;
}

}  // namespace

void AddRun(CommandLine& line) {
  auto options = std::make_shared<RunOptions>();
  CLI::App& command = line.Add(
      "run",
      "The daemon: polls, makes passes, wakes when a window opens. Ends with SIGTERM, reloads with SIGHUP.",
      [options](Invocation& call) { return Run(*options, call); });
  command
      .add_option("--poll-interval", options->poll_interval,
                  "How often the branch is looked at, where nothing else says that it moved. Default: 60s.")
      ->type_name("DURATION");
  line.Complete(
          command.add_option("--clock", options->clock,
                             "A file with an instant that is taken for the time, read again all the time: to "
                             "rehearse a month in a minute. Default: the clock."),
          Completes::kFiles)
      ->type_name("FILE");
  command.add_flag("--check", options->check, "Only says whether it would start, and ends.");
}

}  // namespace lockkeeper
