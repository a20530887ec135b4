/// One plane of one frame, as the caller holds it; valid while it is lent.
package struct PlaneView {
    package let bytes: UnsafeRawBufferPointer
    package let bytesPerRow: Int

    package init(bytes: UnsafeRawBufferPointer, bytesPerRow: Int) {
        self.bytes = bytes
        self.bytesPerRow = bytesPerRow
    }
}
