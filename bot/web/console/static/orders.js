// Orders: their filters, and the amounts of one order's forms.
import "./fields.js";
