import CLibAV

/// Turns a return code of the library into a typed error; codes that are not errors pass through.
///
/// - Parameter interrupt: tells cancellation and deadline apart where the library only knows that it was interrupted.
@discardableResult
func check(_ code: Int32, _ operation: StaticString, interrupt: MediaInterrupt? = nil) throws(MediaError) -> Int32 {
    guard code < 0 else { return code }
    try interrupt?.check()
    if code == remaster_error_exit { throw .cancelled }
    if code == remaster_error_no_memory { throw .outOfMemory }
    throw .failed(operation: "\(operation)", code: code, message: describe(code))
}

/// The library's own words for a return code.
func describe(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { buffer in
        guard let text = buffer.baseAddress, av_strerror(code, text, buffer.count) == 0 else { return "error \(code)" }
        return String(cString: text)
    }
}

/// A C string that may be absent.
func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
