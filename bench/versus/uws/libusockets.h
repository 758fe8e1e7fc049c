// SPDX-License-Identifier: MIT
//
// libusockets.h: all that the codec of uWebSockets takes from uSockets, which it needs for sockets only.
#pragma once

#define LIBUS_RECV_BUFFER_LENGTH 524288
