// Tries inside a container what only a program can try: to type into a terminal by TIOCSTI. Prints
// what the kernel answered for each terminal among the standard descriptors.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

int main() {
  for (int fd = 0; fd < 3; ++fd) {
    if (::isatty(fd) == 0) continue;
    const char key = 'x';
    const int error = ::ioctl(fd, TIOCSTI, &key) == 0 ? 0 : errno;
    std::printf("%d: %d\n", fd, error);
  }
  std::printf("tried\n");
}
