// What travels up the readiness pipes, from the engine to the master and from the master to the command that started it: "R", or
// "E", the exit code as a byte, and the text. Who calls it: master.cc.
#pragma once

#include <string>

namespace hky::process {

inline constexpr char kReady[] = "R";
std::string failure_words(int exit_code, const std::string& text);

// Into a pipe or socket that may be broken: then nobody wants to know.
void say_words(int fd, const std::string& words);
// Until readiness, or the end of file: "" where the other end went without a word.
std::string hear_words(int fd);
// Prints a failure; the exit code that it asks for.
int print_failure(const std::string& words);

}  // namespace hky::process
