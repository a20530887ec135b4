/// The binds of one statement in wire format, in one allocation that libpq is shown in place; opaque to other modules.
package struct BindBuffer: Sendable {
    /// How the bytes of one bind are to be read.
    enum Format: Int32 { case text = 0, binary = 1 }

    /// Object identifier of each bind's type; 0 where the server infers it.
    private(set) var types: [UInt32] = []
    private(set) var formats: [Int32] = []
    /// Bytes of each bind; 0 for nulls.
    private(set) var lengths: [Int32] = []
    /// Start of each bind in `bytes`; -1 for nulls.
    private(set) var offsets: [Int] = []
    private(set) var bytes: [UInt8] = []
    /// The first bind that cannot be sent, counted from 1.
    private(set) var problem: (index: Int, text: String)?

    package var count: Int { types.count }

    /// Adds a bind whose bytes `body` appends.
    mutating func append(type: UInt32, format: Format, _ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        body(&bytes)
        types.append(type)
        formats.append(format.rawValue)
        offsets.append(start)
        lengths.append(Int32(clamping: bytes.count - start))
        if format == .text { bytes.append(0) }  // libpq reads text up to its terminator
    }

    mutating func appendNull(type: UInt32) {
        types.append(type)
        formats.append(Format.text.rawValue)
        offsets.append(-1)
        lengths.append(0)
    }

    /// Adds text; a NUL inside would silently cut it, so it is refused when the statement is run.
    mutating func append(text: String, type: UInt32) {
        if problem == nil, text.utf8.contains(0) { problem = (count + 1, "text contains NUL") }
        append(type: type, format: .text) { $0.append(contentsOf: text.utf8) }
    }

    mutating func append(_ other: BindBuffer) {
        let shift = bytes.count
        if problem == nil, let found = other.problem { problem = (count + found.index, found.text) }
        types += other.types
        formats += other.formats
        lengths += other.lengths
        offsets += other.offsets.map { $0 < 0 ? $0 : $0 + shift }
        bytes += other.bytes
    }
}
