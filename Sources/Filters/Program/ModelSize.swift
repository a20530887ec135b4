/// The kind of device that a network of the scaler is small enough for: `size` in its metadata.
package enum ModelSize: String, Hashable, Sendable, Codable, CaseIterable {
    /// Software on the host's processors, or a device that is not much faster.
    case cpu
    /// Several times the work for a better picture.
    case gpu
}
