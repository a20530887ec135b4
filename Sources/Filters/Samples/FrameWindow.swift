package import Picture

/// A frame and the two before and after it, as a caller lends them.
package struct FrameWindow {
    /// Frames of a window.
    package static let frameCount = 5
    /// Frames on either side of the middle one.
    package static let reach = frameCount / 2

    /// Lends a plane of the frame at an offset of −2…2 from the middle one.
    package let read: (_ offset: Int, _ plane: Int, _ body: (PlaneView) throws -> Void) throws -> Void
    /// Lends a plane of the result; every sample is to be written.
    package let write: (_ plane: Int, _ body: (_ bytes: UnsafeMutableRawBufferPointer, _ bytesPerRow: Int) throws -> Void) throws -> Void

    package init(
        read: @escaping (_ offset: Int, _ plane: Int, _ body: (PlaneView) throws -> Void) throws -> Void,
        write: @escaping (_ plane: Int, _ body: (_ bytes: UnsafeMutableRawBufferPointer, _ bytesPerRow: Int) throws -> Void) throws -> Void
    ) {
        self.read = read
        self.write = write
    }
}

/// Makes a frame anew from itself and its neighbours, on the device. Blocks until the device is done; the caller asks for
/// one frame at a time.
package protocol WindowFilter: Sendable {
    /// Of the frames that come and go.
    var layout: FrameLayout { get }
    /// Writes every plane of the middle frame's result.
    func filter(_ window: FrameWindow) throws
}
