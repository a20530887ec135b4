/// Identity of one network, for plans and reports.
package struct ModelIdentity: Hashable, Sendable, Codable {
    /// Name of the model file, without extension.
    package let name: String
    package let version: String
    /// SHA-256 of the recipe that trained it, in hexadecimal.
    package let recipeSHA256: String
    /// SHA-256 of the file with its weights, in hexadecimal; nil in plans of builds that did not note it.
    package let fileSHA256: String?
    /// Nil for networks of which there is one size.
    package let size: ModelSize?

    package init(name: String, version: String, recipeSHA256: String, fileSHA256: String? = nil, size: ModelSize? = nil) {
        self.name = name
        self.version = version
        self.recipeSHA256 = recipeSHA256
        self.fileSHA256 = fileSHA256
        self.size = size
    }

    /// The first eight bytes of the file's SHA-256, by which the queue tells the networks of builds apart; 0 where it was not noted.
    package var key: Int { fileSHA256.flatMap { UInt($0.prefix(16), radix: 16) }.map { Int(bitPattern: $0) } ?? 0 }
}

/// The networks that programs may use.
package struct FilterModels: Hashable, Sendable, Codable {
    /// One network of the scaler.
    package struct Scaling: Hashable, Sendable, Codable {
        package let identity: ModelIdentity
        package let variant: SuperResolutionVariant
        /// 1…6.
        package let ratio: Int
        /// Multiply-adds for each output sample.
        package let macPerSample: Double

        package var size: ModelSize { identity.size ?? .cpu }

        package init(identity: ModelIdentity, variant: SuperResolutionVariant, ratio: Int, macPerSample: Double) {
            self.identity = identity
            self.variant = variant
            self.ratio = ratio
            self.macPerSample = macPerSample
        }
    }

    /// The network that corrects chroma beside the scaler's.
    package struct ChromaGuide: Hashable, Sendable, Codable {
        package let identity: ModelIdentity
        /// Multiply-adds for each luma sample.
        package let macPerSample: Double

        package init(identity: ModelIdentity, macPerSample: Double) {
            self.identity = identity
            self.macPerSample = macPerSample
        }
    }

    /// Every size of every network of the scaler.
    package let scaling: [Scaling]
    /// Which size `chain` takes where a network has both.
    package var size = ModelSize.cpu
    /// Corrects chroma by luma wherever a network of the scaler makes luma; nil where there is none.
    package let chroma: ChromaGuide?
    /// The learned inverse tone mapping; nil where there is none.
    package let infiniteHDR: ModelIdentity?
    /// Its reconstruction of clipped highlights; nil where there is none.
    package let highlights: ModelIdentity?
    /// Its local modulation; nil where there is none.
    package let local: ModelIdentity?

    /// The learned deinterlacer; nil where there is none.
    package let deinterlacing: ModelIdentity?

    /// The learned denoiser; nil where there is none.
    package let denoising: ModelIdentity?

    /// The network that aligns the lines of tapes; nil where there is none.
    package let dejittering: ModelIdentity?

    package init(
        scaling: [Scaling], chroma: ChromaGuide? = nil, infiniteHDR: ModelIdentity? = nil, highlights: ModelIdentity? = nil,
        local: ModelIdentity? = nil, deinterlacing: ModelIdentity? = nil,
        denoising: ModelIdentity? = nil, dejittering: ModelIdentity? = nil
    ) {
        self.scaling = scaling
        self.chroma = chroma
        self.infiniteHDR = infiniteHDR
        self.highlights = highlights
        self.local = local
        self.deinterlacing = deinterlacing
        self.denoising = denoising
        self.dejittering = dejittering
    }

    /// Every network that is here.
    package var identities: Set<ModelIdentity> {
        let single = [chroma?.identity, infiniteHDR, highlights, local, deinterlacing, denoising, dejittering]
        return Set(scaling.map(\.identity) + single.compactMap { $0 })
    }

    /// The network whose speed decides which size a device gets: the larger one with the most work; nil where there is none.
    package var yardstick: Scaling? {
        scaling.filter { $0.size == .gpu }.max {
            ($0.macPerSample, $0.identity.name) < ($1.macPerSample, $1.identity.name)
        }
    }

    /// The networks of a variant by rising ratio, one for each.
    private func entries(_ variant: SuperResolutionVariant) -> [Scaling] {
        Dictionary(grouping: scaling.filter { $0.variant == variant }, by: \.ratio).values
            .compactMap { sizes in sizes.first { $0.size == size } ?? sizes.first }
            .sorted { $0.ratio < $1.ratio }
    }

    /// The networks for a ratio of sizes, at most two; the resampler does what is left.
    ///
    /// 1. Up to 1.25: restoration (×1), where it exists.
    /// 2. The smallest single network that reaches the ratio.
    /// 3. Up to ×4: the largest single network that comes within a factor of 1.5 (×3 = ×2 · 1.5 where only ×2 exists).
    /// 4. The two networks with the smallest product that reaches it (×6 = ×3 · ×2; ×5 = ×3 · ×2 · 0.83).
    /// 5. The two with the largest product (×6 = ×2 · ×2 · 1.5 where only ×2 exists).
    package func chain(variant: SuperResolutionVariant, ratio: Double) -> [Scaling] {
        let entries = entries(variant)
        let singles = entries.filter { $0.ratio > 1 }
        let tolerance = 1e-9
        if ratio <= 1.25, let restoration = entries.first(where: { $0.ratio == 1 }) { return [restoration] }
        guard ratio > 1 + tolerance, let largest = singles.last else { return [] }
        if let single = singles.first(where: { Double($0.ratio) + tolerance >= ratio }) { return [single] }
        if ratio <= 4, Double(largest.ratio) * 1.5 + tolerance >= ratio { return [largest] }
        let pairs = singles.flatMap { first in singles.filter { $0.ratio <= first.ratio }.map { [first, $0] } }
            .sorted { $0[0].ratio * $0[1].ratio < $1[0].ratio * $1[1].ratio }
        return pairs.first { Double($0[0].ratio * $0[1].ratio) + tolerance >= ratio } ?? pairs.last ?? []
    }
}
