/// The line before a chunk: `1*HEXDIG [ chunk-ext ]` (RFC 9112 §7.1).
enum ChunkSize {
    /// - Returns: the size and the number of bytes of extensions.
    static func parse(_ line: UnsafeBufferPointer<UInt8>) throws(RequestFault) -> (size: Int, extensionBytes: Int) {
        var (size, digits) = (0, 0)
        while digits < line.count, let value = ByteClass.hexValue(line[digits]) {
            // 15 digits stay below 2^60; more is an attempt at overflow, whatever the leading ones are.
            guard digits < 15 else { throw .chunk }
            size = size << 4 | Int(value)
            digits += 1
        }
        guard digits > 0 else { throw .chunk }
        guard digits < line.count else { return (size, 0) }
        // White space before ";" is legal to receive, but nobody sends it and readers disagree on it.
        guard line[digits] == UInt8(ascii: ";") else { throw .chunk }
        guard line[digits...].allSatisfy(ByteClass.isFieldByte) else { throw .chunk }
        return (size, line.count - digits)
    }
}
