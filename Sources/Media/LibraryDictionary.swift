import CLibAV

/// Owner of one list of options or metadata entries.
struct LibraryDictionary: ~Copyable {
    var raw: OpaquePointer?

    init() { raw = nil }

    init(_ entries: KeyValuePairs<String, String>) throws(MediaError) {
        raw = nil
        for (key, value) in entries { try set(key, value) }
    }

    mutating func set(_ key: String, _ value: String) throws(MediaError) { try check(av_dict_set(&raw, key, value, 0), "av_dict_set") }

    /// Keys of what is left: after an open these are the options nobody knew.
    var keys: [String] { LibraryDictionary.entries(of: raw).map(\.key) }

    deinit {
        var raw = raw
        av_dict_free(&raw)
    }

    /// All entries of a list that someone else owns, in its order.
    static func entries(of raw: OpaquePointer?) -> [(key: String, value: String)] {
        var entries: [(key: String, value: String)] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>? = av_dict_get(raw, "", nil, AV_DICT_IGNORE_SUFFIX)
        while let found = entry {
            if let key = found.pointee.key, let value = found.pointee.value {
                entries.append((String(cString: key), String(cString: value)))
            }
            entry = av_dict_get(raw, "", found, AV_DICT_IGNORE_SUFFIX)
        }
        return entries
    }

    static func value(_ key: String, in raw: OpaquePointer?) -> String? {
        av_dict_get(raw, key, nil, 0).flatMap { $0.pointee.value }.map { String(cString: $0) }
    }
}
