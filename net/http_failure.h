#pragma once

#include <string>

#include "net/exchange.h"
#include "schemas/error.h"

namespace lockkeeper {

/// What went wrong on the way, from libcurl's code and words.
Error TransferError(const HttpClient::Options& options, const Exchange& exchange);

/// What an answer's status other than 200 means.
Error StatusError(const HttpClient::Options& options, const Exchange& exchange, bool credentials_sent);

}  // namespace lockkeeper
