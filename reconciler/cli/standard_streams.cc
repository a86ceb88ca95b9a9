#include "reconciler/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace lockkeeper {

void SecureStandardStreams() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    // The wrong way round on purpose: a result that nobody can read is an error of write(), and no silence.
    // The lowest free number is taken, which is `fd`, as the ones below it are open.
    const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != fd) std::_Exit(1);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace lockkeeper
