// The Linux calls that readiness loops need and that the platform's C module leaves out.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// accept4 is a GNU extension, hidden unless the whole program is built with _GNU_SOURCE.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

// EPOLLET is the sign bit of an int: imported as is it would overflow UInt32.
static inline uint32_t rm_epoll_edge_triggered(void) { return 1u << 31; }
