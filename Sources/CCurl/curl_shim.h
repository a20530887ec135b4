// libcurl for Swift: variadic calls and macros as typed inline functions.
#pragma once

#include <curl/curl.h>

typedef size_t (*rm_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*rm_curl_progress_callback)(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up);
typedef curl_socket_t (*rm_curl_socket_callback)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode rm_curl_set_long(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode rm_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode rm_curl_set_text(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode rm_curl_set_pointer(CURL *handle, CURLoption option, void *value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode rm_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) { return curl_easy_setopt(handle, option, value); }

// The bytes are copied by libcurl.
static inline CURLcode rm_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

static inline CURLcode rm_curl_set_data_callback(CURL *handle, CURLoption option, rm_curl_data_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}
static inline CURLcode rm_curl_set_progress_callback(CURL *handle, rm_curl_progress_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
}
static inline CURLcode rm_curl_set_socket_callback(CURL *handle, rm_curl_socket_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode rm_curl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }
static inline CURLcode rm_curl_get_text(CURL *handle, CURLINFO info, const char **value) { return curl_easy_getinfo(handle, info, (char **)value); }

static inline CURLcode rm_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
static inline curl_socket_t rm_curl_no_socket(void) { return CURL_SOCKET_BAD; }

// The bundle of trusted roots this libcurl was built to use, or NULL.
static inline const char *rm_curl_system_roots(void) {
    curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    return info->age >= CURLVERSION_SEVENTH ? info->cainfo : NULL;
}
