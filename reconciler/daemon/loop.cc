#include "reconciler/daemon/loop.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <set>

#include "reconciler/cli/logging.h"

namespace lockkeeper {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A pass that writes is followed by another at once, since what it wrote may begin something. It ends by
/// itself; should a mistake of ours ever make it not, the branch gets no more than this at a time.
constexpr int kPushesInARowMax = 20;

constexpr int kErrorsUntilAnew = 3;

constexpr int kLooksBackMax = 5'000;  ///< commits

/// Differs once one of the files does.
std::string SignersStamp(const AllowedSigners& signers) {
  std::string stamp;
  for (const std::string& path : {signers.ssh_file, signers.gpg_file}) {
    struct stat file{};
    if (path.empty() || ::stat(path.c_str(), &file) != 0) continue;
    stamp += fmt::format("{}:{}:{}.{}:{} ", path, file.st_ino, file.st_mtim.tv_sec, file.st_mtim.tv_nsec,
                         file.st_size);
  }
  return stamp;
}

}  // namespace

Result<bool> IsNewAncestor(Repository& repository, const std::string& commit, const std::string& ancestor) {
  std::set<std::string> seen;
  std::deque<std::string> begin_at = {commit};
  bool found = false;
  while (!begin_at.empty() && !found && seen.size() < kLooksBackMax) {
    const std::string from = begin_at.front();
    begin_at.pop_front();
    auto walked = repository.WalkHistory(from, [&](const CommitRecord& record) {
      found = record.id == ancestor;
      if (found || !seen.insert(record.id).second) return false;
      for (size_t i = 1; i < record.parents.size(); ++i) begin_at.push_back(record.parents[i]);
      return seen.size() < kLooksBackMax;
    });
    if (!walked) return std::unexpected(walked.error());
  }
  return found || seen.size() >= kLooksBackMax;
}

Loop::Loop(LoopOptions options, Waker& waker, LoopObserver& observer)
    : options_(std::move(options)),
      waker_(waker),
      observer_(observer),
      back_off_(options_.poll_interval, options_.back_off) {}

void Loop::Run() {
  while (!waker_.stopping()) {
    const Turn turn = TakeTurn();
    observer_.TurnEnds(turn);
    waker_.Wait(turn.rest);
  }
}

Turn Loop::TakeTurn() {
  Turn turn{.at = waker_.Now()};
  observer_.TurnBegins(turn.at);
  const auto began = steady_clock::now();
  fetched_ = false;
  turn.result = Pass(turn.at);
  turn.fetched = fetched_;
  turn.took = steady_clock::now() - began;
  if (turn.result) {
    back_off_.Reset();
    if (!turn.result->was_settled) {
      // The reader has it still, whatever the pass wrote since: that is read by the next one.
      auto state = reader_->Read(turn.result->read);
      if (state) turn.state = *state;
    }
  }
  turn.rest = RestAfter(turn);
  turn.errors = back_off_.errors();
  turn.repository = repository_.get();
  return turn;
}

Result<ReconcileResult> Loop::Pass(Instant now) {
  if (repository_ == nullptr) {
    auto opened = options_.open();
    if (!opened) return std::unexpected(opened.error());
    repository_ = std::move(*opened);
    reader_ = std::make_unique<FleetReader>(*repository_, options_.allowed_signers);
  }
  // Who may sign decides what counts, as a commit does.
  if (auto stamp = SignersStamp(options_.allowed_signers); stamp != signers_stamp_) {
    settled_.reset();
    signers_stamp_ = std::move(stamp);
  }
  ReconcileOptions options{.now = now};
  // A window may close while the remote takes its time.
  options.clock = [this] { return waker_.Now(); };
  options.signing_key = options_.signing_key;
  options.settled = settled_;
  options.fetched = [this](const std::string& commit) { Follow(commit); };
  options.back_off = [this](int retry) {
    const auto wait = ErrorBackOff{options_.poll_interval, options_.back_off}.Next(ErrorKind::kConflict, 1.0,
                                                                                   std::nullopt) *
                      std::min(retry, 10);
    const double share = std::uniform_real_distribution{0.05, 1.0}(random_);
    waker_.Wait({.poll_at = steady_clock::now() +
                            milliseconds{static_cast<int64_t>(static_cast<double>(wait.count()) * share)},
                 .wake_at = std::nullopt});
  };
  return Reconcile(*repository_, *reader_, options);
}

void Loop::Follow(const std::string& commit) {
  fetched_ = true;
  if (!followed_.empty() && followed_ != commit) TellRewrite(commit);
  followed_ = commit;
}

void Loop::TellRewrite(const std::string& commit) {
  auto descends = IsNewAncestor(*repository_, commit, followed_);
  // Whoever rewrites a branch means it. What its commits say now is what is acted on.
  if (descends && !*descends) {
    LogEvent(LogLevel::kWarn, "the branch was rewritten; what it says now counts",
             {{"branch", repository_->branch()}, {"from", followed_}, {"to", commit}});
  }
}

Rest Loop::RestAfter(const Turn& turn) {
  Rest rest{.poll_at = steady_clock::now() + options_.poll_interval, .wake_at = std::nullopt};
  if (!turn.result) {
    settled_.reset();
    pushes_in_a_row_ = 0;
    std::optional<std::chrono::seconds> asked;
    if (repository_ != nullptr && options_.retry_after) asked = options_.retry_after(*repository_);
    const double random = std::uniform_real_distribution{0.0, 1.0}(random_);
    const auto wait = back_off_.Next(turn.result.error().kind, random, asked);
    rest.poll_at = steady_clock::now() + wait;
    if (asked) rest.not_before = rest.poll_at;
    if (back_off_.errors() % kErrorsUntilAnew == 0) {
      // Should it be what we hold that is broken, such as a repository that was replaced by another.
      reader_.reset();
      repository_.reset();
    }
    return rest;
  }
  const ReconcileResult& result = *turn.result;
  if (!result.pushed.empty()) {
    settled_.reset();
    if (++pushes_in_a_row_ <= kPushesInARowMax) rest.poll_at = steady_clock::now();
    return rest;
  }
  pushes_in_a_row_ = 0;
  if (!result.was_settled) settled_ = Settled{result.read, result.plan.next_wake};
  rest.wake_at = settled_->until;
  return rest;
}

}  // namespace lockkeeper
