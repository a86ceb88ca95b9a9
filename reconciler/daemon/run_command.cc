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
#include "reconciler/daemon/api.h"
#include "reconciler/daemon/clock_file.h"
#include "reconciler/daemon/loop.h"
#include "reconciler/daemon/reader_slot.h"
#include "reconciler/daemon/signals.h"
#include "reconciler/daemon/supervisor.h"
#include "reconciler/daemon/waker.h"
#include "reconciler/daemon/watch.h"
#include "server/daemon_site.h"
#include "server/http_server.h"
#include "server/listen_address.h"
#include "server/metrics.h"

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{250};
constexpr milliseconds kClockFileTick{20};
constexpr std::string_view kNowhere = "none";
/// Polls that may fail before the daemon calls itself not ready, and at least this long.
constexpr int kPollsMissedMax = 5;
constexpr std::chrono::minutes kPassAgeMin{10};
constexpr std::chrono::seconds kCheckTimeMax{30};
constexpr const char* kSelf = "/proc/self/exe";

struct RunOptions {
  std::string poll_interval = "60s";
  std::string clock;
  std::string listen = HttpServerOptions{}.listen;
  std::string api_token_file;
  bool token_for_metrics = false;
  std::string webhook_secret_file;
  bool check = false;
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
  return LoopOptions{.poll_interval = *interval,
                     .signing_key = global.signing_key,
                     .allowed_signers = global.allowed_signers,
                     .open = open,
                     .retry_after = retry_after};
}

/// The loop with everything around it, for as long as it runs.
class Daemon {
 public:
  Daemon(const RunOptions& options, const GlobalOptions& global, LoopOptions loop_options,
         std::function<Instant()> now, milliseconds tick)
      : options_(options),
        global_(global),
        waker_(now, tick),
        metrics_(LK_VERSION),
        watch_(metrics_, readers_,
               std::max<milliseconds>(kPassAgeMin, loop_options.poll_interval * kPollsMissedMax)),
        api_([this] { return readers_.Take(global_); }, ShownRepo(global.repo), std::move(now), {},
             global.allowed_signers, [this] { return readers_.HasSuccessor(); }),
        site_({.api_token_file = options.api_token_file,
               .metrics = options.token_for_metrics ? MetricsAccess::kWithToken : MetricsAccess::kOpen,
               .webhook_secret_file = options.webhook_secret_file},
              {.alive = [this] { return watch_.Alive(); },
               .ready = [this] { return watch_.Ready(); },
               .branch = [this] { return watch_.Branch(); },
               .poke = [this](const std::string&) { waker_.Poke(); },
               .complain =
                   [](const std::string& message) {
                     LogEvent(LogLevel::kWarn, "needs attention", {{"problem", message}});
                   }},
              metrics_, api_),
        supervisor_([this] { return watch_.Alive().is_well; }),
        loop_(std::move(loop_options), waker_, watch_) {
    watch_.Tell(&supervisor_);
  }

  enum class End : bool { kStop, kReload };

  CliResult<End> Run() {
    std::unique_ptr<HttpServer> server;
    if (options_.listen != kNowhere) {
      auto started = HttpServer::Start({.listen = options_.listen}, site_);
      if (!started) return Stop(ExitCode::kNothingDone, "--listen: " + started.error().message);
      server = std::move(*started);
    }
    {
      // To the last: who asks twice does not wait for an answer that is still in the making.
      const SignalThread signals{{.stop = [this] { OnStop(); }, .reload = [this] { OnReload(); }}};
      LogEvent(LogLevel::kInfo, "started",
               {{"repo", ShownRepo(global_.repo)},
                {"listen", server == nullptr ? std::string{kNowhere} : server->address()},
                {"pid", std::to_string(getpid())}});
      supervisor_.Ready();
      loop_.Run();
      server.reset();
    }
    // Whoever wants it to stop means it, whatever else was asked before or since.
    const bool reload = !stopped_.load();
    reload ? supervisor_.Reloading() : supervisor_.Stopping();
    LogEvent(LogLevel::kInfo, reload ? "reloading" : "stopped");
    return reload ? End::kReload : End::kStop;
  }

 private:
  void OnStop() {
    LogEvent(LogLevel::kInfo, "asked to stop; the step at hand is finished");
    stopped_.store(true);
    waker_.Stop();
  }
  void OnReload() {
    // The step at hand is the last one already.
    if (waker_.stopping()) return;
    if (auto problem = ReloadProblem()) {
      LogEvent(LogLevel::kError, "not reloaded; the configuration as it was holds", {{"problem", *problem}});
      return;
    }
    waker_.Stop();
  }

  const RunOptions& options_;
  const GlobalOptions& global_;
  std::atomic<bool> stopped_ = false;  ///< not to begin anew
  Waker waker_;
  Metrics metrics_;
  ReaderSlot readers_;
  Watch watch_;
  CommandApi api_;
  DaemonSite site_;
  Supervisor supervisor_;
  Loop loop_;
};

/// Whoever is about to begin anew listens there now, so that somebody does is no problem.
CliResult<ExitCode> CheckListen(const std::string& listen) {
  if (listen == kNowhere) return ExitCode::kDone;
  auto listener = Listen(listen);
  if (listener) close(listener->fd);
  if (!listener && listener.error().kind != ErrorKind::kTransient) {
    return Stop(ExitCode::kNothingDone, "--listen: " + listener.error().message);
  }
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
  if (options.check) return CheckListen(options.listen);
  const bool rehearsal = !options.clock.empty();
  std::function<Instant()> now = ReadClock;
  if (rehearsal) now = [clock] { return clock->Now(); };
  auto end = Daemon{options, call.options, std::move(*loop_options), std::move(now),
                    rehearsal ? kClockFileTick : kTick}
                 .Run();
  if (!end) return std::unexpected(end.error());
  if (*end == Daemon::End::kReload) {
    BeginAnew();
    return ExitCode::kNothingDone;
  }
  return ExitCode::kDone;
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
  command
      .add_option(
          "--listen", options->listen,
          "Where it answers over HTTP: ADDRESS:PORT, [IPV6]:PORT or :PORT for loopback; port 0 takes a free "
          "one; none: nowhere. Default: " +
              options->listen + ".")
      ->type_name("ADDRESS");
  line.Complete(
          command.add_option("--api-token-file", options->api_token_file,
                             "The token that the API asks for, in one line. Default: it asks for none."),
          Completes::kFiles)
      ->type_name("FILE");
  command.add_flag("--token-for-metrics", options->token_for_metrics, "Metrics need that token as well.");
  line.Complete(command.add_option("--webhook-secret-file", options->webhook_secret_file,
                                   "The secret of webhooks, in one line. Default: there are no webhooks."),
                Completes::kFiles)
      ->type_name("FILE");
  command.add_flag("--check", options->check, "Only says whether it would start, and ends.");
}

}  // namespace lockkeeper
