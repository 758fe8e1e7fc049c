// SPDX-License-Identifier: MIT
//
// weft.hpp: all of weft but the engines, deflate/zlib.hpp and deflate/libdeflate.hpp, each of which needs its library.
// A WebSocket codec for C++20: bytes in, events out; frames out, bytes ready to send.
#pragma once

#include <weft/connection/client.hpp>
#include <weft/connection/endpoint.hpp>
#include <weft/connection/event.hpp>
#include <weft/connection/lifecycle.hpp>
#include <weft/connection/message.hpp>
#include <weft/connection/outgoing.hpp>
#include <weft/connection/prepared.hpp>
#include <weft/connection/sender.hpp>
#include <weft/connection/sequence.hpp>
#include <weft/connection/server.hpp>
#include <weft/connection/whole_message.hpp>
#include <weft/deflate/deflate.hpp>
#include <weft/deflate/engine.hpp>
#include <weft/deflate/extension.hpp>
#include <weft/deflate/frames.hpp>
#include <weft/deflate/pool.hpp>
#include <weft/error.hpp>
#include <weft/frame/close.hpp>
#include <weft/frame/header.hpp>
#include <weft/frame/key_source.hpp>
#include <weft/frame/mask.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/handshake/accept_key.hpp>
#include <weft/handshake/client.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/handshake/head.hpp>
#include <weft/handshake/response.hpp>
#include <weft/handshake/server.hpp>
#include <weft/handshake/uri.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>
