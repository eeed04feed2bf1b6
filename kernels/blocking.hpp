#pragma once

namespace greenfront {

/// Makes products of large matrices the same on every processor.
///
/// Eigen cuts a product into blocks that fit the caches, whose sizes it asks the processor for. Blocks of
/// another size add up the same terms in another order, and the last digits differ: enough to lead an
/// iteration such as the calibration of the synthetic panel elsewhere. This sets sizes of 48 KiB, 2 MiB and
/// 32 MiB for the whole process, whatever the processor has. Programs call it before their first product; a
/// second call changes nothing.
void fix_blocking();

}  // namespace greenfront
