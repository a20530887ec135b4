package import Picture

/// A frame and those around it, as a caller lends them.
package struct FrameWindow {
    /// Number of the frame at an offset from the middle one: the same frame has the same number in every window.
    package let number: (_ offset: Int) -> Int
    /// Lends a plane of the frame at an offset from the middle one, at most the filter's reach.
    package let read: (_ offset: Int, _ plane: Int, _ body: (PlaneView) throws -> Void) throws -> Void
    /// Lends a plane of the result; every sample is to be written.
    package let write: (_ plane: Int, _ body: (_ bytes: UnsafeMutableRawBufferPointer, _ bytesPerRow: Int) throws -> Void) throws -> Void

    package init(
        number: @escaping (_ offset: Int) -> Int,
        read: @escaping (_ offset: Int, _ plane: Int, _ body: (PlaneView) throws -> Void) throws -> Void,
        write: @escaping (_ plane: Int, _ body: (_ bytes: UnsafeMutableRawBufferPointer, _ bytesPerRow: Int) throws -> Void) throws -> Void
    ) {
        self.number = number
        self.read = read
        self.write = write
    }
}

/// Makes a frame anew from itself and its neighbours, on the device. Blocks until the device is done; the caller asks for
/// one frame at a time.
package protocol WindowFilter: Sendable {
    /// Frames on either side of the middle one that are looked at.
    static var reach: Int { get }
    /// Of the frames that come and go.
    var layout: FrameLayout { get }
    /// Writes every plane of the middle frame's result.
    func filter(_ window: FrameWindow) throws
}

extension WindowFilter {
    /// Frames of a window.
    package static var frameCount: Int { 2 * reach + 1 }
}
