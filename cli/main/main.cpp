#include "cli/commands.h"

int main(int argument_count, char** arguments) { return nuanshu::cli::run(argument_count, arguments); }
