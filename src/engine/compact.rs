//! Large batches are cut into small ones that own their memory.
//!
//! A window function without an order gives all its rows as one batch. The sort behind it cuts that batch into slices, and
//! accounts for each slice as if it held the whole: a few million rows would exhaust any limit. Copied slices are counted
//! for what they are.

use std::fmt;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::WindowAggExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};

/// Puts a [`CompactExec`] behind every window operator that gives large batches.
#[derive(Debug)]
pub struct CompactWindows;

impl PhysicalOptimizerRule for CompactWindows {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            Ok(match node.downcast_ref::<WindowAggExec>().is_some() {
                true => Transformed::yes(Arc::new(CompactExec { input: node }) as Arc<dyn ExecutionPlan>),
                false => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "compact_windows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Cuts batches to the session's batch size, copying what it cuts.
#[derive(Debug)]
pub struct CompactExec {
    input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for CompactExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("CompactExec")
    }
}

impl ExecutionPlan for CompactExec {
    fn name(&self) -> &str {
        "CompactExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self { input })),
            Err(_) => Err(DataFusionError::Internal(
                "CompactExec has one input".to_string(),
            )),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let size = context.session_config().batch_size();
        let batches = self.input.execute(partition, context)?;
        let cut = batches
            .map_ok(move |batch| stream::iter(pieces(batch, size)))
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(
            self.input.schema(),
            cut.boxed(),
        )))
    }
}

/// A batch as pieces of at most `size` rows; a small one as it is.
fn pieces(batch: RecordBatch, size: usize) -> Vec<Result<RecordBatch>> {
    if batch.num_rows() <= size {
        return vec![Ok(batch)];
    }
    let rows = batch.num_rows();
    let piece = |start: usize| {
        let end = (start + size).min(rows);
        let indices: UInt32Array = (start as u32..end as u32).collect();
        Ok(take_record_batch(&batch, &indices)?)
    };
    (0..rows).step_by(size).map(piece).collect()
}
