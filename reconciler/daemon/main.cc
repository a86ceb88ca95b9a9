#include "reconciler/cli/program.h"
#include "reconciler/cli/standard_streams.h"
#include "reconciler/daemon/run_command.h"

int main(int argc, char** argv) {
  lockkeeper::SecureStandardStreams();
  return lockkeeper::RunProgram({argv + (argc > 0 ? 1 : 0), argv + argc}, {lockkeeper::AddRun});
}
